kp_unit(daemon/test_ipc LINKS kp_ipc)
kp_unit(daemon/test_conf LINKS kp_conf)
kp_unit(daemon/test_keeper LINKS kp_keeper)
kp_unit(daemon/test_sandbox LINKS kp_sandbox Threads::Threads)
kp_unit(daemon/test_sessions LINKS kp_gate)
kp_unit(daemon/test_door LINKS kp_gate)
kp_unit(daemon/test_gate LINKS kp_gate Threads::Threads)

# The real parent, gate and keeper around a toy core.
kp_program(toy_house SOURCES toy_house.c LINKS kp_parent kp_gate kp_keeper)
kp_unit(daemon/test_parent LINKS kp_proto kp_base PkgConfig::libzmq)
target_compile_definitions(unit_daemon_test_parent PRIVATE TOY_HOUSE="$<TARGET_FILE:toy_house>")
add_dependencies(unit_daemon_test_parent toy_house)
