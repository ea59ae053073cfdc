# The wire schema and what stands on it. The generated code is compiled apart, without our warnings.
find_program(PROTOC_C protoc-c REQUIRED)
set(schema ${CMAKE_CURRENT_SOURCE_DIR}/knooppunt.proto)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(OUTPUT ${generated}/knooppunt.pb-c.c ${generated}/knooppunt.pb-c.h
  COMMAND ${PROTOC_C} -I ${CMAKE_CURRENT_SOURCE_DIR} --c_out=${generated} ${schema}
  DEPENDS ${schema} VERBATIM)

add_library(kp_proto_generated OBJECT ${generated}/knooppunt.pb-c.c ${generated}/knooppunt.pb-c.h)
target_include_directories(kp_proto_generated SYSTEM PUBLIC ${generated})
target_link_libraries(kp_proto_generated PUBLIC PkgConfig::libprotobuf_c)

kp_library(kp_proto
  SOURCES codec.c codec_body.c codec_message.c codec_wire.c envelope.c hkdf.c hpke.c message.c part.c wire.c
    $<TARGET_OBJECTS:kp_proto_generated>
  LINKS kp_proto_log kp_base PkgConfig::libprotobuf_c PkgConfig::libsodium)
target_include_directories(kp_proto SYSTEM PRIVATE ${generated})
add_dependencies(kp_proto kp_proto_generated)
