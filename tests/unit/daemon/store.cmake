kp_unit(daemon/test_store LINKS kp_store)
kp_unit(daemon/test_store_crash LINKS kp_store)
kp_unit(daemon/test_store_data LINKS kp_store)
kp_unit(daemon/test_store_faults FAULTS LINKS kp_store)
kp_unit(daemon/test_store_kill LINKS kp_store)

# Makes tests/data/store-v1 anew; only to be run when the stored format changes on purpose.
add_executable(store_fixture EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/store_fixture.c)
target_compile_options(store_fixture PRIVATE ${KP_WARNINGS})
target_link_libraries(store_fixture PRIVATE kp_store)
