# What we seal and what another implementation seals, each opened by the other.
find_program(PROTOC protoc REQUIRED)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(OUTPUT ${generated}/knooppunt_pb2.py
  COMMAND ${PROTOC} -I ${PROJECT_SOURCE_DIR}/proto --python_out=${generated} knooppunt.proto
  DEPENDS ${PROJECT_SOURCE_DIR}/proto/knooppunt.proto VERBATIM)
add_custom_target(kp_python_schema ALL DEPENDS ${generated}/knooppunt_pb2.py)

kp_program(wire_peer SOURCES wire_peer.c LINKS kp_proto PkgConfig::jansson PkgConfig::cmocka)
add_test(NAME interop/wire
  COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/wire_peer.py $<TARGET_FILE:wire_peer> ${generated}
    ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_envelope.in)
set_tests_properties(interop/wire PROPERTIES LABELS integration TIMEOUT 120)
