// What a kernel of SHA-1 brings: the compression function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulla::crypto::sha1 {

// FIPS 180-4 §6.1.2: each takes `count` blocks of 16 words into the five words of the hash value.
void compress_soft(uint32_t* state, const uint8_t* blocks, size_t count) noexcept;
#if defined(__x86_64__)
void compress_sha_ni(uint32_t* state, const uint8_t* blocks, size_t count) noexcept;
#endif

}  // namespace bulla::crypto::sha1
