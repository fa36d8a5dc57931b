# What every target of ours is compiled with, on one INTERFACE target. System headers stay silent.
add_library(replmond_options INTERFACE)
target_compile_features(replmond_options INTERFACE cxx_std_20)
target_include_directories(replmond_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(replmond_options INTERFACE
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_BOOST_COROUTINE
)
target_compile_options(replmond_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
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
    target_compile_options(replmond_options INTERFACE
        $<$<CONFIG:RelWithDebInfo,Release>:-fstack-protector-strong -D_FORTIFY_SOURCE=2>)
    target_link_options(replmond_options INTERFACE
        $<$<CONFIG:RelWithDebInfo,Release>:-Wl,-z,relro,-z,now>)
endif()

# Faster where they are installed, never needed.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
    target_link_options(replmond_options INTERFACE -fuse-ld=mold)
endif()
