kp_library(kp_test_core SOURCES core_world.c LINKS kp_core kp_keeper kp_test)
foreach(test core)
  kp_unit(daemon/test_${test} LINKS kp_test_core)
endforeach()
