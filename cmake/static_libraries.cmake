# Finds archives where shared libraries are usual (-DREPLMOND_STATIC=ON, the preset static). Debian 12 has those of Boost, OpenSSL,
# SQLite, RE2, zlib, MariaDB Connector/C and yaml-cpp; fmt and spdlog serve as headers; prometheus-cpp comes as source (script/static-sources).
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(Boost_USE_STATIC_LIBS ON)
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
set(REPLMOND_PROMETHEUS_SOURCES "" CACHE PATH "The folder core of prometheus-cpp's sources")

# After find_package(): what CMake's configuration of a library says is shared all the same.
function(replmond_use_archives)
    find_library(YAML_CPP_ARCHIVE libyaml-cpp.a REQUIRED)
    foreach(configuration NONE NOCONFIG RELEASE)
        set_target_properties(yaml-cpp PROPERTIES IMPORTED_LOCATION_${configuration} ${YAML_CPP_ARCHIVE})
    endforeach()
    find_library(MARIADB_ARCHIVE libmariadb.a REQUIRED)
    set_target_properties(PkgConfig::MARIADB PROPERTIES INTERFACE_LINK_LIBRARIES
        "${MARIADB_ARCHIVE};OpenSSL::SSL;OpenSSL::Crypto;ZLIB::ZLIB")
    set_target_properties(spdlog::spdlog_header_only PROPERTIES INTERFACE_LINK_LIBRARIES
        "Threads::Threads;fmt::fmt-header-only")
endfunction()

# prometheus-cpp's core, which Debian has as a shared library only.
function(replmond_build_prometheus)
    set(sources ${REPLMOND_PROMETHEUS_SOURCES})
    if(NOT EXISTS ${sources}/src/registry.cc)
        message(FATAL_ERROR "REPLMOND_PROMETHEUS_SOURCES: expected the folder core of prometheus-cpp's sources")
    endif()
    file(GLOB all CONFIGURE_DEPENDS ${sources}/src/*.cc ${sources}/src/detail/*.cc)
    add_library(prometheus_core STATIC ${all})
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/prometheus_core)
    file(CONFIGURE OUTPUT ${generated}/prometheus/detail/core_export.h CONTENT "#define PROMETHEUS_CPP_CORE_EXPORT\n")
    target_include_directories(prometheus_core SYSTEM PUBLIC ${sources}/include ${generated})
    target_include_directories(prometheus_core PRIVATE ${sources}/src)
    target_compile_features(prometheus_core PUBLIC cxx_std_17)
    target_compile_options(prometheus_core PRIVATE -ffile-prefix-map=${sources}=prometheus -ffunction-sections -fdata-sections)
    set_target_properties(prometheus_core PROPERTIES UNITY_BUILD OFF)
    add_library(prometheus-cpp::core ALIAS prometheus_core)
endfunction()
