kp_library(kp_test_core SOURCES core_world.c core_frames.c core_draft.c core_look.c core_say.c core_replay.c LINKS kp_core kp_keeper kp_test)
kp_unit(daemon/test_core_parts LINKS kp_test_core LABELS tsan)
foreach(test core core_clients core_deliver core_due core_full core_index core_inzage core_join core_kinds core_may_i core_refuse core_replay
    core_retention core_selfproof core_standin core_start core_witness)
  kp_unit(daemon/test_${test} LINKS kp_test_core)
endforeach()

# What a message costs; no test, for a release build.
add_executable(core_measure EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/core_measure.c)
target_compile_options(core_measure PRIVATE ${KP_WARNINGS})
target_link_libraries(core_measure PRIVATE kp_test_core)

# Makes the corpus of fuzz/submit anew; only to be run when the wire format changes on purpose.
add_executable(core_corpus EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/core_corpus.c)
target_compile_options(core_corpus PRIVATE ${KP_WARNINGS})
target_link_libraries(core_corpus PRIVATE kp_test_core)

# What a log of many entries costs; no test, for a release build.
add_executable(log_measure EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/log_measure.c)
target_compile_options(log_measure PRIVATE ${KP_WARNINGS})
target_link_libraries(log_measure PRIVATE kp_test_core kp_tiles)
