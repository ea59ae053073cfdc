# The build rules of every folder: one library per folder, one warning set, one way to add a test.
include(GNUInstallDirs)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_compile_definitions(_GNU_SOURCE)
# __FILE__ names a file within the repository, on every machine the same.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

set(KP_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wswitch-enum -Wpointer-arith -Wcast-qual -Wundef -Wwrite-strings -Wformat=2 -Werror)

# Each library as PkgConfig::<name>: libsodium lmdb yaml jansson libprotobuf_c libzmq libseccomp popt cmocka
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
foreach(package libsodium lmdb jansson libprotobuf-c libzmq libseccomp popt cmocka)
  string(REPLACE "-" "_" name ${package})
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${package})
endforeach()

# kp_library(name SOURCES ... LINKS ...): a static library with the full warning set.
function(kp_library name)
  cmake_parse_arguments(A "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  target_compile_options(${name} PRIVATE ${KP_WARNINGS})
  target_link_libraries(${name} PUBLIC ${A_LINKS})
endfunction()

# kp_program(name SOURCES ... LINKS ...): a program with the full warning set.
function(kp_program name)
  cmake_parse_arguments(A "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_compile_options(${name} PRIVATE ${KP_WARNINGS})
  target_link_libraries(${name} PRIVATE ${A_LINKS})
endfunction()

# kp_unit(folder/test_x LINKS ...): tests/unit/folder/test_x.c as the ctest "unit/folder/test_x".
function(kp_unit path)
  cmake_parse_arguments(A "" "" "LINKS" ${ARGN})
  string(REPLACE "/" "_" target "unit_${path}")
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/unit/${path}.c)
  target_compile_options(${target} PRIVATE ${KP_WARNINGS})
  target_link_libraries(${target} PRIVATE ${A_LINKS} PkgConfig::cmocka)
  add_test(NAME unit/${path} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(unit/${path} PROPERTIES LABELS unit)
endfunction()
