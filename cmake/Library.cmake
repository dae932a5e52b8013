# mastobak_library(NAME [PUBLIC target…] [PRIVATE target…])
#
# Builds a static library mastobak::NAME from all .cpp files in and below the folder NAME. Includes
# are relative to lib/ ("core/error.hpp"). PUBLIC targets are needed by its headers, PRIVATE targets
# only by its sources.
function(mastobak_library name)
    cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
    add_library(mastobak_${name} STATIC ${sources})
    add_library(mastobak::${name} ALIAS mastobak_${name})
    mastobak_unity(mastobak_${name})
    target_include_directories(mastobak_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(mastobak_${name} PUBLIC ${arg_PUBLIC} PRIVATE mastobak_flags ${arg_PRIVATE})
endfunction()

# Compiles the sources of a target in batches, which makes a full build faster (MASTOBAK_UNITY).
function(mastobak_unity target)
    set_target_properties(${target} PROPERTIES
        UNITY_BUILD ${MASTOBAK_UNITY} UNITY_BUILD_MODE BATCH UNITY_BUILD_BATCH_SIZE 10)
endfunction()
