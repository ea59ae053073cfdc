# The build rules of every folder: one library per folder, one warning set, one way to add a test.
include(GNUInstallDirs)
include(CheckPIESupported)
include(CheckCCompilerFlag)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
check_pie_supported(LANGUAGES C)
add_compile_definitions(_GNU_SOURCE)
# __FILE__ names a file within the repository, on every machine the same.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

set(KP_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wswitch-enum -Wpointer-arith -Wcast-qual -Wundef -Wwrite-strings -Wformat=2 -Werror)

option(KP_HARDENING "What an attacker meets in the release: fortified calls, stack guards, read-only relocations" OFF)
option(KP_FUZZER "Link the fuzz targets with libFuzzer; otherwise they replay their corpus as tests" OFF)

if(KP_HARDENING)
  # The prefix map: debug information too names the sources from the repository on, so that a build is repeatable elsewhere.
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
  foreach(flag -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "KP_HAS${flag}" has)
    check_c_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
    endif()
  endforeach()
  add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
endif()

# Each library as PkgConfig::<name>: libsodium lmdb yaml jansson libprotobuf_c libzmq libseccomp popt cmocka
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
if(BUILD_TESTING)
  set(test_packages cmocka)
endif()
foreach(package libsodium lmdb jansson libprotobuf-c libzmq libseccomp popt ${test_packages})
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

# kp_program(name [INSTALL bin|sbin] SOURCES ... LINKS ...): a program with the full warning set.
function(kp_program name)
  cmake_parse_arguments(A "" "INSTALL" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_compile_options(${name} PRIVATE ${KP_WARNINGS})
  target_link_libraries(${name} PRIVATE ${A_LINKS})
  if(A_INSTALL STREQUAL "bin")
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  elseif(A_INSTALL STREQUAL "sbin")
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
  elseif(DEFINED A_INSTALL)
    message(FATAL_ERROR "kp_program(${name}): INSTALL bin or sbin, not ${A_INSTALL}")
  endif()
endfunction()

# kp_public_library(OBJECTS kp_client ... kp_base LINKS PkgConfig::... REQUIRES "pkg-config names"):
# libknooppunt.so and libknooppunt.a out of the folders' libraries, the headers of include/knooppunt and the pkg-config file.
# Both show the names kp_* only: what the folders share among themselves can't clash with a name of the program that links it.
function(kp_public_library)
  cmake_parse_arguments(A "" "REQUIRES" "OBJECTS;LINKS" ${ARGN})
  set(map ${PROJECT_SOURCE_DIR}/cmake/knooppunt.map)
  foreach(part ${A_OBJECTS})
    list(APPEND objects $<TARGET_OBJECTS:${part}>)
  endforeach()

  # The target has another name than the file: knooppunt is the command.
  add_library(knooppunt_shared SHARED ${objects})
  set_target_properties(knooppunt_shared PROPERTIES OUTPUT_NAME knooppunt LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${map})
  target_link_options(knooppunt_shared PRIVATE LINKER:--version-script=${map})
  target_link_libraries(knooppunt_shared PRIVATE ${A_LINKS})

  set(archive ${CMAKE_CURRENT_BINARY_DIR}/libknooppunt.a)
  add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_LINKER} -r -o knooppunt.o ${objects}
    COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=kp_* knooppunt.o
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND ${CMAKE_AR} rcs ${archive} knooppunt.o
    DEPENDS ${A_OBJECTS} ${objects} COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(knooppunt_static ALL DEPENDS ${archive})

  set(KP_REQUIRES "${A_REQUIRES}")
  configure_file(${PROJECT_SOURCE_DIR}/packaging/knooppunt.pc.in knooppunt.pc @ONLY)
  install(TARGETS knooppunt_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/knooppunt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/knooppunt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
endfunction()

# A test program of tests/, for the functions below. FAULTS: its allocations can be made to fail (tests/lib/faults.h).
function(kp_test_program target source)
  cmake_parse_arguments(A "FAULTS" "" "LINKS" ${ARGN})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/${source})
  target_compile_options(${target} PRIVATE ${KP_WARNINGS})
  target_link_libraries(${target} PRIVATE ${A_LINKS} kp_test PkgConfig::cmocka)
  if(A_FAULTS)
    target_link_libraries(${target} PRIVATE kp_test_faults)
    target_link_options(${target} PRIVATE LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray)
  endif()
endfunction()

# kp_unit(folder/test_x [FAULTS] LINKS ... [LABELS tsan]): tests/unit/folder/test_x.c as the ctest "unit/folder/test_x".
# The label tsan: has threads, so it is run under ThreadSanitizer too.
function(kp_unit path)
  cmake_parse_arguments(A "FAULTS" "" "LINKS;LABELS" ${ARGN})
  string(REPLACE "/" "_" target "unit_${path}")
  set(faults "")
  if(A_FAULTS)
    set(faults FAULTS)
  endif()
  kp_test_program(${target} unit/${path}.c ${faults} LINKS ${A_LINKS})
  add_test(NAME unit/${path} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(unit/${path} PROPERTIES LABELS "unit;${A_LABELS}" TIMEOUT 120)
endfunction()

# kp_sim(name LINKS ... [ARGS ...]): tests/sim/sim_<name>.c as the ctest "sim/<name>".
function(kp_sim name)
  cmake_parse_arguments(A "" "" "LINKS;ARGS" ${ARGN})
  kp_test_program(sim_${name} sim/sim_${name}.c LINKS ${A_LINKS})
  add_test(NAME sim/${name} COMMAND sim_${name} ${A_ARGS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(sim/${name} PROPERTIES LABELS sim TIMEOUT 120)
endfunction()

# kp_fuzz(name LINKS ...): tests/fuzz/fuzz_<name>.c with its corpus tests/fuzz/fuzz_<name>.in/. With KP_FUZZER a libFuzzer program;
# otherwise the ctest "fuzz/<name>", which replays the corpus and a fixed number of mutations of it.
function(kp_fuzz name)
  cmake_parse_arguments(A "" "" "LINKS" ${ARGN})
  set(fuzz ${PROJECT_SOURCE_DIR}/tests/fuzz)
  file(GLOB corpus CONFIGURE_DEPENDS ${fuzz}/fuzz_${name}.in/*)
  if(NOT corpus)
    message(FATAL_ERROR "kp_fuzz(${name}): the corpus tests/fuzz/fuzz_${name}.in/ is empty")
  endif()
  add_executable(fuzz_${name} ${fuzz}/fuzz_${name}.c)
  target_compile_options(fuzz_${name} PRIVATE ${KP_WARNINGS})
  target_link_libraries(fuzz_${name} PRIVATE ${A_LINKS})
  if(KP_FUZZER)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz/${name} COMMAND fuzz_${name} -runs=20000 -seed=1 -max_len=65536 -timeout=10
      ${CMAKE_CURRENT_BINARY_DIR}/fuzz_${name}.found ${fuzz}/fuzz_${name}.in)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fuzz_${name}.found)
  else()
    target_sources(fuzz_${name} PRIVATE ${fuzz}/replay_main.c)
    add_test(NAME fuzz/${name} COMMAND fuzz_${name} ${fuzz}/fuzz_${name}.in)
  endif()
  # abort: so that the replay leaves the input behind that a sanitizer objects to.
  set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120
    ENVIRONMENT "ASAN_OPTIONS=abort_on_error=1;UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1")
endfunction()

# kp_integration(NN-name [TIMEOUT s] [LOCK resource ...]): tests/integration/NN-name.py as the ctest "integration/NN-name",
# with the folder of the built programs in KNOOPPUNT_BUILD. Tests that name the same LOCK never run side by side.
function(kp_integration name)
  cmake_parse_arguments(A "" "TIMEOUT" "LOCK" ${ARGN})
  if(NOT DEFINED A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_test(NAME integration/${name} COMMAND /usr/bin/python3 -B ${PROJECT_SOURCE_DIR}/tests/integration/${name}.py
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests)
  set_tests_properties(integration/${name} PROPERTIES LABELS integration TIMEOUT ${A_TIMEOUT}
    ENVIRONMENT "KNOOPPUNT_BUILD=${PROJECT_BINARY_DIR}")
  if(A_LOCK)
    set_tests_properties(integration/${name} PROPERTIES RESOURCE_LOCK "${A_LOCK}")
  endif()
endfunction()

# kp_tagged(out file tag): the words behind "tag:" in the first comment of a test, so that a test is added by adding its file.
function(kp_tagged out file tag)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines REGEX "^[ /#*]*${tag}:" LIMIT_COUNT 1)
  string(REGEX REPLACE "^[ /#*]*${tag}:|\\*/" "" words "${lines}")
  separate_arguments(words)
  set(${out} ${words} PARENT_SCOPE)
endfunction()
