# mastobak_library(NAME [PUBLIC target…] [PRIVATE target…])
#
# A static library mastobak::NAME of all the .cpp files of this folder. Includes are rooted at lib/
# ("core/error.hpp"). PUBLIC is what its headers need, PRIVATE what only its sources need.
function(mastobak_library name)
    cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    if(NOT sources)
        add_library(mastobak_${name} INTERFACE)
        add_library(mastobak::${name} ALIAS mastobak_${name})
        return()
    endif()
    add_library(mastobak_${name} STATIC ${sources})
    add_library(mastobak::${name} ALIAS mastobak_${name})
    target_include_directories(mastobak_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
    target_link_libraries(mastobak_${name} PUBLIC ${arg_PUBLIC} PRIVATE mastobak_flags ${arg_PRIVATE})
endfunction()
