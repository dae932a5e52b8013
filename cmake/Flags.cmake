# Warnings for everybody; sanitizers and hardening by preset (CMakePresets.json).
set(MASTOBAK_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
option(MASTOBAK_HARDEN "hardening flags of a release" OFF)
option(MASTOBAK_UNITY "compile the program's sources in batches: faster when all are compiled, slower after a change" OFF)

add_library(mastobak_flags INTERFACE)
target_compile_options(mastobak_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wnull-dereference
    # GCC 14 takes the recycled frames of Asio's coroutines for mismatched ones.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:${CMAKE_CXX_COMPILER_VERSION},13>>:-Wno-mismatched-new-delete>)
if(MASTOBAK_UNITY)
    # GCC takes the anonymous namespaces in a batch for those of a header, and the recycled frames of
    # Asio's coroutines for mismatched ones. The preset dev compiles file by file, with all warnings.
    target_compile_options(mastobak_flags INTERFACE -Wno-subobject-linkage -Wno-shadow
        -Wno-mismatched-new-delete)
endif()
if(MASTOBAK_SANITIZE)
    # The sanitizers' own instrumentation makes GCC 12 see null dereferences and uninitialised
    # values that are not there.
    target_compile_options(mastobak_flags INTERFACE -fsanitize=${MASTOBAK_SANITIZE}
        -fno-omit-frame-pointer -Wno-null-dereference $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(MASTOBAK_SANITIZE MATCHES "undefined")
        target_compile_options(mastobak_flags INTERFACE -fno-sanitize-recover=undefined)
    endif()
    target_link_options(mastobak_flags INTERFACE -fsanitize=${MASTOBAK_SANITIZE})
    # -O1: coroutine frames at -O0 are slow, and nobody steps through a sanitized daemon.
    set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
endif()
if(MASTOBAK_HARDEN)
    target_compile_options(mastobak_flags INTERFACE -fstack-protector-strong
        -fstack-clash-protection -fcf-protection -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
        -Wno-null-dereference)
    target_link_options(mastobak_flags INTERFACE -Wl,-z,relro,-z,now -pie)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# The tools of a fast build, where they are installed.
find_program(MASTOBAK_CCACHE ccache)
if(MASTOBAK_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MASTOBAK_CCACHE})
endif()
