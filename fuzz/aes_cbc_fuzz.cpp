// Any key, IV and blocks: every kernel of AES-CBC, and of AES alone, gives what libcrypto gives.
#include "crypto/aes/aes.h"
#include "crypto/aes_cbc/aes_cbc.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

/// Ciphertext, then plaintext again.
ByteVector there_and_back(const KeyFileCipher& cipher, Bytes key, Bytes iv, Bytes text, size_t shift) {
  Room inout(text, shift);
  cipher.cbc_encrypt(key, iv, inout.bytes());
  ByteVector out = to_vector(inout.bytes());
  cipher.cbc_decrypt(key, iv, inout.bytes());
  out.insert(out.end(), inout.bytes().begin(), inout.bytes().end());
  return out;
}

/// The blocks one by one, in place and elsewhere: CBC without a chain.
ByteVector blocks(const crypto::aes::BlockCipher& cipher, Bytes key, Bytes text, size_t shift) {
  crypto::aes::Schedule schedule;
  cipher.expand(schedule, key);
  const size_t count = text.size() / crypto::aes::block_size;
  Room in(text, shift), out(text.size(), shift / 16);
  cipher.encrypt(schedule, out.bytes().data(), in.bytes().data(), count);
  cipher.encrypt(schedule, in.bytes().data(), in.bytes().data(), count);
  BULLA_ASSERT(equal_vartime(in.bytes(), out.bytes()), "in place or not, it is the same");
  cipher.decrypt(schedule, in.bytes().data(), in.bytes().data(), count);
  BULLA_ASSERT(equal_vartime(in.bytes(), text), "there and back");
  return to_vector(out.bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t choice = input.u8(), shift = input.u8();
  const ByteVector key = stretched(input.u8_bytes(), 16 + 8 * (choice % 3u));
  const ByteVector iv = stretched(input.u8_bytes(), crypto::aes::block_size);
  const Bytes rest = input.rest();
  const size_t whole = rest.size() * (1 + choice / 64) / crypto::aes::block_size;
  const ByteVector text = stretched(rest, whole * crypto::aes::block_size);

  const ByteVector wanted = there_and_back(openssl_provider().key_files, key, iv, text, 0);
  const auto cbc = [&](const KeyFileCipher& c) { return there_and_back(c, key, iv, text, shift); };
  BULLA_ASSERT(same_of_all(crypto::aes_cbc_kernels(), cbc) == wanted, "CBC is libcrypto's");
  // The first block of CBC under an IV of zeros is the block cipher.
  const auto ecb = [&](const crypto::aes::BlockCipher& c) { return blocks(c, key, text, shift); };
  const ByteVector alone = same_of_all(crypto::aes::kernels(), ecb);
  for (size_t at = 0; at < text.size(); at += crypto::aes::block_size) {
    ByteVector block(text.begin() + static_cast<ptrdiff_t>(at),
                     text.begin() + static_cast<ptrdiff_t>(at) + 16);
    openssl_provider().key_files.cbc_encrypt(key, ByteVector(16), block);
    BULLA_ASSERT(std::equal(block.begin(), block.end(), alone.begin() + static_cast<ptrdiff_t>(at)),
                 "the cipher is libcrypto's");
  }
  return 0;
}
