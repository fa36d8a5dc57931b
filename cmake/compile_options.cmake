# The sources of a folder are compiled at once: most of what a compiler does for one of them is templates that the next asks
# for as well. So names in anonymous namespaces of one folder must differ.
set(REPLMOND_UNITY ON CACHE STRING "Compile the sources of a folder at once: ON, OFF, or TESTS for those of tests/ only")
set_property(CACHE REPLMOND_UNITY PROPERTY STRINGS ON OFF TESTS)
if(REPLMOND_UNITY OR REPLMOND_UNITY STREQUAL "TESTS")
    set(CMAKE_UNITY_BUILD ON) # daemon/CMakeLists.txt takes it back for TESTS
endif()
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
# Sources of this folder for a target of the folder above.
function(replmond_folder_sources target)
    target_sources(${target} PRIVATE ${ARGN})
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${folder})
endfunction()

# What every target of ours is compiled with, on one INTERFACE target. System headers stay silent.
add_library(replmond_options INTERFACE)
target_compile_features(replmond_options INTERFACE cxx_std_20)
target_include_directories(replmond_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(replmond_options INTERFACE
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_BOOST_COROUTINE
)
target_compile_options(replmond_options INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor)
if(NOT REPLMOND_UNITY)
    target_compile_options(replmond_options INTERFACE -Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What a local name hides in another source, and where a source's own types have their anonymous namespace, is no matter.
    target_compile_options(replmond_options INTERFACE -Wshadow=local -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 -O2: inlines Asio's operator new of a coroutine frame, but not its operator delete, and takes them for a
    # mismatched pair.
    target_compile_options(replmond_options INTERFACE -Wno-mismatched-new-delete)
endif()
if(REPLMOND_WARNINGS_AS_ERRORS)
    target_compile_options(replmond_options INTERFACE -Werror)
endif()

if(REPLMOND_SANITIZE)
    target_compile_options(replmond_options INTERFACE
        -fsanitize=${REPLMOND_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(replmond_options INTERFACE -fsanitize=${REPLMOND_SANITIZE})
    if(REPLMOND_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++: Asio's fences are not instrumented, and it warns of each one
        target_compile_options(replmond_options INTERFACE -Wno-tsan)
    endif()
else()
    # Tests are built without optimization, which _FORTIFY_SOURCE needs.
    target_compile_options(replmond_options INTERFACE
        $<$<AND:$<CONFIG:RelWithDebInfo,Release>,$<NOT:$<BOOL:$<TARGET_PROPERTY:REPLMOND_TEST>>>>:-fstack-protector-strong
        -D_FORTIFY_SOURCE=2>)
    target_link_options(replmond_options INTERFACE
        $<$<CONFIG:RelWithDebInfo,Release>:-Wl,-z,relro,-z,now>)
endif()

# -static-pie, not -static: without the table that comes with it, the first exception sorts every unwind table.
if(REPLMOND_STATIC)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    target_compile_options(replmond_options INTERFACE -fPIE -ffunction-sections -fdata-sections
        -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.) # the same bytes, wherever it is built
    target_link_options(replmond_options INTERFACE -static-pie -Wl,--gc-sections)
endif()

# Headers that are parsed once for many sources. `core`: the standard library, JSON, fmt; `asio`: what uses sockets; `test`
# and `asio_test`: the same for tests. The first target that asks for one makes it; its other users come after it.
option(REPLMOND_PRECOMPILE "Precompile the headers of libraries" ON)
set(replmond_headers_core <algorithm> <array> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <set>
    <stdexcept> <string> <string_view> <utility> <variant> <vector> <boost/json.hpp> <boost/system/result.hpp>
    <fmt/format.h>)
set(replmond_headers_asio ${replmond_headers_core} <boost/asio.hpp> <boost/asio/ssl.hpp>)
set(replmond_headers_test ${replmond_headers_core} <gmock/gmock.h> <gtest/gtest.h>)
set(replmond_headers_simulator_test ${replmond_headers_test})
set(replmond_headers_asio_test ${replmond_headers_asio} <gmock/gmock.h> <gtest/gtest.h>)
function(replmond_precompile target headers)
    if(NOT REPLMOND_PRECOMPILE)
        return()
    endif()
    get_property(maker GLOBAL PROPERTY replmond_precompiled_${headers})
    if(maker)
        target_precompile_headers(${target} REUSE_FROM ${maker})
    else()
        target_precompile_headers(${target} PRIVATE ${replmond_headers_${headers}})
        set_property(GLOBAL PROPERTY replmond_precompiled_${headers} ${target})
    endif()
endfunction()

# Faster where they are installed, never needed.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
    target_link_options(replmond_options INTERFACE -fuse-ld=mold)
endif()
