# Cross-compiles for arm64 with Debian's g++-aarch64-linux-gnu and libraries of the architecture arm64 (dpkg --add-architecture
# arm64), and runs tests under qemu-user. script/release makes a Debian that has all of it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
# Kernels for Kunpeng have pages of 64 KiB (EulerOS, openEuler, CentOS): segments must begin at such bounds.
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,-z,max-page-size=65536)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
