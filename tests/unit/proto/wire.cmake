# The tests of the wire formats. test_codec has a schema of its own: that of the vectors.
set(schema ${PROJECT_SOURCE_DIR}/tests/vectors/protobuf/noncanonical_schema.proto)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(OUTPUT ${generated}/noncanonical_schema.pb-c.c ${generated}/noncanonical_schema.pb-c.h
  COMMAND ${PROTOC_C} -I ${PROJECT_SOURCE_DIR}/tests/vectors/protobuf --c_out=${generated} ${schema}
  DEPENDS ${schema} VERBATIM)
add_library(kp_test_schema OBJECT ${generated}/noncanonical_schema.pb-c.c ${generated}/noncanonical_schema.pb-c.h)
target_include_directories(kp_test_schema SYSTEM PUBLIC ${generated})
target_link_libraries(kp_test_schema PUBLIC PkgConfig::libprotobuf_c)

foreach(name codec hpke)
  kp_unit(proto/test_${name} LINKS kp_proto PkgConfig::jansson)
endforeach()
foreach(name envelope message part wire)
  kp_unit(proto/test_${name} FAULTS LINKS kp_proto PkgConfig::jansson)
endforeach()
target_link_libraries(unit_proto_test_codec PRIVATE kp_test_schema)
target_include_directories(unit_proto_test_codec SYSTEM PRIVATE ${generated})
