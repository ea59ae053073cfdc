kp_unit(client/test_tiles FAULTS LINKS kp_sample_log LABELS tsan)
