# .deb packages by CPack: replmond, and replmond-simulator, which nobody needs in production. script/package builds them
# in a clean tree; `cpack -G DEB` in the build tree of the release preset makes them for the machine that it runs on.
set(REPLMOND_MAINTAINER "The replmond maintainers <replmond@example.org>" CACHE STRING "Of the packages")
set(REPLMOND_PACKAGE_RELEASE 1 CACHE STRING "What follows the version in that of the packages")
if(NOT CMAKE_INSTALL_PREFIX STREQUAL /usr)
    return() # packages have their files where the distribution has them
endif()

configure_file(packaging/changelog.in changelog.Debian @ONLY)
compress(${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian changelog.Debian.gz)
compress(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog.gz)

foreach(package replmond simulator)
    set(directory ${CMAKE_INSTALL_DATADIR}/doc/replmond)
    if(package STREQUAL simulator)
        set(directory ${directory}-simulator)
    endif()
    install(FILES packaging/copyright ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz
        ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz DESTINATION ${directory} COMPONENT ${package})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON) # /etc is not below /usr
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has its own
set(CPACK_PACKAGE_CONTACT ${REPLMOND_MAINTAINER})
set(CPACK_COMPONENTS_ALL replmond)
if(REPLMOND_TESTS)
    list(APPEND CPACK_COMPONENTS_ALL simulator)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${REPLMOND_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
if(NOT REPLMOND_STATIC)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_REPLMOND_PACKAGE_NAME replmond)
set(CPACK_DEBIAN_REPLMOND_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_REPLMOND_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_REPLMOND_DESCRIPTION "watches TaurusDB to StarRocks synchronization tasks
A daemon that reads the list of data synchronization tasks from TaurusDB to
its StarRocks analytics instances, exports their stage, progress and status as
Prometheus metrics, and logs every change and every task that turns abnormal.")
set(CPACK_DEBIAN_REPLMOND_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/packaging/conffiles ${PROJECT_SOURCE_DIR}/packaging/postinst
    ${PROJECT_SOURCE_DIR}/packaging/prerm ${PROJECT_SOURCE_DIR}/packaging/postrm)

set(CPACK_DEBIAN_SIMULATOR_PACKAGE_NAME replmond-simulator)
set(CPACK_DEBIAN_SIMULATOR_DESCRIPTION "stand-in cloud for replmond, for tests and demonstrations
Answers as the synchronization API of TaurusDB does, from a scenario that says
how tasks fare, and as broken as one wants it.")

include(CPack)
