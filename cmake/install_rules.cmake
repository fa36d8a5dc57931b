# What is installed, and where. The component is replmond unless it says otherwise.
install(TARGETS replmond RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(REPLMOND_TESTS)
    install(TARGETS replmond-simulator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT simulator)
    install(FILES tests/simulator/scenarios/demo.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/replmond-simulator/scenarios
        COMPONENT simulator)
endif()

find_program(GZIP_PROGRAM gzip REQUIRED)
function(compress source name)
    execute_process(COMMAND ${GZIP_PROGRAM} -9nc ${source}
        OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/${name} COMMAND_ERROR_IS_FATAL ANY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
compress(${PROJECT_SOURCE_DIR}/docs/replmond.1 replmond.1.gz)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/replmond.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES packaging/bash-completion/replmond DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
# Debian's zsh looks into vendor-completions, that of everybody else into site-functions.
foreach(folder site-functions vendor-completions)
    install(FILES packaging/zsh-completion/_replmond DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${folder})
endforeach()
install(FILES packaging/fish-completion/replmond.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES systemd/replmond.service systemd/replmond@.service DESTINATION lib/systemd/system)
if(REPLMOND_STATIC) # such packages are for old systems as well
    install(PROGRAMS packaging/prepare-system DESTINATION lib/replmond)
endif()
install(FILES systemd/credentials.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# Whose they are once they are there: a later installation leaves them alone, as a package manager does.
function(install_configuration source directory name)
    set(target ${CMAKE_INSTALL_FULL_SYSCONFDIR}/${directory})
    install(CODE "
        if(NOT EXISTS \"\$ENV{DESTDIR}${target}/${name}\")
            file(INSTALL DESTINATION \"${target}\" TYPE FILE RENAME \"${name}\"
                FILES \"${PROJECT_SOURCE_DIR}/${source}\")
        endif()")
endfunction()
install_configuration(config/replmond.yaml replmond replmond.yaml)
install_configuration(systemd/replmond.default default replmond)
# Where the first line of replmond.yaml names it.
install(FILES config/replmond.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/replmond)

install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md" PATTERN "*.png")
install(FILES README.md README.zh-CN.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB dashboards CONFIGURE_DEPENDS dashboards/*.json dashboards/*.yaml)
install(FILES ${dashboards} DESTINATION ${CMAKE_INSTALL_DATADIR}/replmond/dashboards)
install(PROGRAMS dashboards/alert-links DESTINATION ${CMAKE_INSTALL_DATADIR}/replmond/dashboards)
install(FILES config/prometheus.yml config/alertmanager.yml config/grafana-provisioning.yaml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/replmond/config)
