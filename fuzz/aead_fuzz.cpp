// Any key, nonce, additional data and text in any pieces at any addresses: every kernel of every AEAD seals
// to what libcrypto seals to, in place or not, opens that again, and refuses and wipes what was altered.
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

struct Message {
  ByteVector key;
  AeadNonce nonce;
  ByteVector aad, text;
  std::vector<Bytes> pieces;  ///< of the text
  size_t shift;               ///< where buffers lie, modulo 16
};

/// Every piece lies somewhere else; the first one, if asked for, where its ciphertext goes.
ByteVector sealed(AeadKey& key, const Message& m, bool in_place) {
  Room aad(m.aad, m.shift), out(m.text.size() + aead_tag_size, m.shift / 16);
  std::vector<std::unique_ptr<Room>> rooms;
  std::vector<Bytes> in;
  for (const Bytes piece : m.pieces) {
    rooms.push_back(std::make_unique<Room>(piece, m.shift + 5 * rooms.size()));
    in.push_back(rooms.back()->bytes());
  }
  if (in_place && !in.empty()) {
    const MutBytes front = out.bytes().first(in[0].size());
    std::copy(in[0].begin(), in[0].end(), front.begin());
    in[0] = front;
  }
  key.seal(out.bytes(), m.nonce, aad.bytes(), in);
  return to_vector(out.bytes());
}

/// What the buffer holds after open(), and whether that agreed, as a last byte.
ByteVector opened(AeadKey& key, const Message& m, Bytes record) {
  Room aad(m.aad, m.shift), inout(record, m.shift / 16);
  const bool ok = key.open(inout.bytes(), m.nonce, aad.bytes());
  ByteVector out = to_vector(inout.bytes());
  out.push_back(ok);
  return out;
}

/// One bit of the record, the nonce or the additional data is altered, or the record cut. False: of nothing.
bool alter(Message& m, ByteVector& record, size_t how) {
  switch (how % 4) {
    case 0: flip(record, how / 4); return true;
    case 1: flip(m.nonce, how / 4); return true;
    case 2: flip(m.aad, how / 4); return !m.aad.empty();
    default: record.resize(how / 4 % record.size()); return true;
  }
}

void check(std::span<const crypto::Kernel<AeadAlgorithm>> table, Message& m, size_t how) {
  const AeadAlgorithm& theirs = *openssl_provider().aead(table.back().algorithm->id);
  const Bytes text = m.text;
  ByteVector record(m.text.size() + aead_tag_size);
  theirs.make_key(m.key)->seal(record, m.nonce, m.aad, {&text, 1});

  const auto seals = [&](const AeadAlgorithm& aead) {
    const auto key = aead.make_key(m.key);
    const ByteVector apart = sealed(*key, m, false);
    BULLA_ASSERT(sealed(*key, m, true) == apart, "in place or not, it is the same record");
    return apart;
  };
  BULLA_ASSERT(same_of_all(table, seals) == record, "a record is libcrypto's");

  const auto opens = [&](const AeadAlgorithm& aead) { return opened(*aead.make_key(m.key), m, record); };
  const ByteVector back = same_of_all(table, opens);
  BULLA_ASSERT(back.back() == 1 && equal_vartime(Bytes(back).first(text.size()), text), "it opens again");

  if (!alter(m, record, how)) return;
  BULLA_ASSERT(same_of_all(table, opens) == ByteVector(record.size() + 1),
               "what was altered is refused and wiped");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t choice = input.u8(), shift = input.u8();
  const uint16_t how = input.u16();
  const Bytes key = input.u8_bytes(), nonce = input.u8_bytes(), aad = input.u8_bytes(),
              cuts = input.u8_bytes();
  const Bytes rest = input.rest();
  const std::array tables = {crypto::aes_128_gcm_kernels(), crypto::aes_256_gcm_kernels(),
                             crypto::chacha20_poly1305_kernels()};
  const auto table = tables[choice % tables.size()];
  Message m{.key = stretched(key, table.back().algorithm->key_size),
            .nonce = {},
            .aad = stretched(aad, aad.size() * (1 + choice / 64)),
            .text = stretched(rest, rest.size() * (1 + choice / 16)),
            .pieces = {},
            .shift = shift};
  const ByteVector long_nonce = stretched(nonce, m.nonce.size());
  std::copy(long_nonce.begin(), long_nonce.end(), m.nonce.begin());
  m.pieces = pieces_of(m.text, cuts);
  check(table, m, how);
  return 0;
}
