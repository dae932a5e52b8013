# Warnings are always on. Presets (CMakePresets.json) add sanitizers and hardening.
set(MASTOBAK_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
option(MASTOBAK_HARDEN "hardening flags of a release" OFF)
option(MASTOBAK_UNITY "compile the program's sources in batches: faster when all are compiled, slower after a change" OFF)

add_library(mastobak_flags INTERFACE)
target_compile_options(mastobak_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wnull-dereference
    # A false warning of GCC about the recycled frames of Asio's coroutines.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:${CMAKE_CXX_COMPILER_VERSION},13>>:-Wno-mismatched-new-delete>)
if(MASTOBAK_UNITY)
    # In a batch, GCC warns about anonymous namespaces as if they were in a header, and about the
    # recycled frames of Asio's coroutines. The preset dev compiles file by file, with all warnings.
    target_compile_options(mastobak_flags INTERFACE -Wno-subobject-linkage -Wno-shadow
        -Wno-mismatched-new-delete)
endif()
if(MASTOBAK_SANITIZE)
    # False warnings of GCC 12, which the instrumentation of the sanitizers causes.
    target_compile_options(mastobak_flags INTERFACE -fsanitize=${MASTOBAK_SANITIZE}
        -fno-omit-frame-pointer -Wno-null-dereference $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(MASTOBAK_SANITIZE MATCHES "undefined")
        target_compile_options(mastobak_flags INTERFACE -fno-sanitize-recover=undefined)
    endif()
    target_link_options(mastobak_flags INTERFACE -fsanitize=${MASTOBAK_SANITIZE})
    # With -O0, coroutines are too slow.
    set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
endif()
if(MASTOBAK_HARDEN)
    target_compile_options(mastobak_flags INTERFACE -fstack-protector-strong
        -fstack-clash-protection -fcf-protection -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
        -Wno-null-dereference)
    target_link_options(mastobak_flags INTERFACE -Wl,-z,relro,-z,now -pie)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# A faster build where ccache is installed. A build directory is not changed when ccache is installed
# later: all of it would be built again (tests/packages/builds-once).
if(NOT DEFINED MASTOBAK_CCACHE)
    find_program(MASTOBAK_CCACHE ccache)
endif()
if(MASTOBAK_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MASTOBAK_CCACHE})
endif()
