kp_sim(core LINKS kp_test_core ARGS 60)
