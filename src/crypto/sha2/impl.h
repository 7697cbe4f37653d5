// What a kernel of SHA-2 brings: the compression function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulla::crypto::sha2 {

// FIPS 180-4 §6.2.2, §6.4.2: each takes `count` blocks of 16 words into the eight words of the hash value.
void compress256_soft(uint32_t* state, const uint8_t* blocks, size_t count) noexcept;
void compress512_soft(uint64_t* state, const uint8_t* blocks, size_t count) noexcept;
#if defined(__x86_64__)
void compress256_sha_ni(uint32_t* state, const uint8_t* blocks, size_t count) noexcept;
void compress512_avx2(uint64_t* state, const uint8_t* blocks, size_t count) noexcept;
void compress512_avx512(uint64_t* state, const uint8_t* blocks, size_t count) noexcept;
#endif

/// FIPS 180-4 §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
extern const uint32_t k256[64];
/// FIPS 180-4 §4.2.3: the first 64 bits of those of the first 80 primes.
extern const uint64_t k512[80];

}  // namespace bulla::crypto::sha2
