kp_unit(daemon/test_door LINKS kp_gate)
kp_unit(daemon/test_gate LINKS kp_gate Threads::Threads)
