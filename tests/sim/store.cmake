kp_sim(store LINKS kp_store ARGS 150)
