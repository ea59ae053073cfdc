# The offline part of the audit: export and verification of tlog-tiles.
kp_library(kp_tiles
  SOURCES lib/tiles_bundles.c lib/tiles_edge.c lib/tiles_export.c lib/tiles_files.c lib/tiles_proof.c lib/tiles_report.c lib/tiles_source.c
    lib/tiles_verify.c
  LINKS kp_proto_log Threads::Threads)
