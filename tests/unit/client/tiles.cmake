kp_unit(client/test_tiles LINKS kp_sample_log LABELS tsan)
