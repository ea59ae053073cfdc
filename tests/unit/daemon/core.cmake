kp_library(kp_test_core SOURCES core_world.c LINKS kp_core kp_keeper kp_test)
foreach(test core core_deliver core_full core_inzage core_join core_refuse core_start)
  kp_unit(daemon/test_${test} LINKS kp_test_core)
endforeach()
