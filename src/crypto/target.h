// A kernel for some extension is compiled for it within a region, not with a flag for its file: then no
// inline function or template of another header can be compiled for an extension that the machine may lack,
// and win at link time. Standard headers and <immintrin.h> are included before the region begins.
//
//   BULLA_TARGET_BEGIN("sha,sse4.1,ssse3")
//   namespace sha_ni { ... }
//   BULLA_TARGET_END
#pragma once

#define BULLA_PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define BULLA_TARGET_BEGIN(extensions) \
  BULLA_PRAGMA(clang attribute push(__attribute__((target(extensions))), apply_to = function))
#define BULLA_TARGET_END BULLA_PRAGMA(clang attribute pop)
#else
#define BULLA_TARGET_BEGIN(extensions) BULLA_PRAGMA(GCC push_options) BULLA_PRAGMA(GCC target(extensions))
#define BULLA_TARGET_END BULLA_PRAGMA(GCC pop_options)
#endif
