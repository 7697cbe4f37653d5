// Records: the AEADs, with secret keys, nonces and texts. And AES alone, and as key files use it.
#include "constant_time/run.h"
#include "crypto/aes/aes.h"

#include <cstring>

namespace bulla::constant_time {
namespace {

/// Lengths that take every path: nothing, parts of a block, one to more blocks than any kernel does at once.
constexpr size_t sizes[] = {0, 1, 16, 31, 64, 130, 257, 1100};
constexpr uint8_t aad[21] = {23, 3, 3};

/// In TLS 1.3 the nonce comes from a secret too (RFC 9846 §5.3).
struct Record {
  Record(Run& run, size_t size) : text(size + aead_tag_size) {
    run.random().fill(nonce);
    run.random().fill(text.writable().first(size));
  }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() { wipe(nonce); }

  AeadNonce nonce;
  SecretBytes text;  ///< with room for the tag
};

void seal_in_place(AeadKey& key, Record& record) {
  const Bytes pieces[] = {record.text.reveal().first(record.text.size() - aead_tag_size)};
  key.seal(record.text.writable(), record.nonce, aad, pieces);
}

const crypto::aes::BlockCipher& aes() {
  return *crypto::pick(crypto::aes::kernels(), crypto::cpu_word()).algorithm;
}

Bytes bytes_of(const crypto::aes::Schedule& schedule) {
  return {reinterpret_cast<const uint8_t*>(schedule.words.data()), 16 * (schedule.rounds + 1)};
}

/// The round keys, and E(K, 0), from which GCM hashes.
void derive_aes(Run& run, Bytes key) {
  crypto::aes::Schedule schedule;
  aes().expand(schedule, key);
  run.derived(bytes_of(schedule));
  SecretBytes block(crypto::aes::block_size);
  aes().encrypt(schedule, block.writable().data(), block.reveal().data(), 1);
  run.derived(block.reveal());
}

template <AeadId id>
std::unique_ptr<AeadKey> key_of(Run& run) {
  const AeadAlgorithm& aead = *run.provider().aead(id);
  const SecretBytes key = run.secret(aead.key_size);
  if (id != AeadId::chacha20_poly1305) derive_aes(run, key.reveal());
  return aead.make_key(key.reveal());
}

template <AeadId id>
void seal(Run& run) {
  const auto key = key_of<id>(run);
  for (const size_t size : sizes) {
    Record record(run, size);
    seal_in_place(*key, record);
    run.conceals(record.text.reveal());
  }
}

/// The text in three pieces, as a record with padding has it (RFC 9846 §5.2).
template <AeadId id>
void seal_pieces(Run& run) {
  const auto key = key_of<id>(run);
  const Record record(run, 500);
  SecretBytes out(500 + aead_tag_size);
  const Bytes text = record.text.reveal();
  const Bytes pieces[] = {text.first(301), text.subspan(301, 1), text.subspan(302, 198)};
  key->seal(out.writable(), record.nonce, aad, pieces);
  run.conceals(out.reveal());
}

template <AeadId id>
void open(Run& run) {
  const auto key = key_of<id>(run);
  for (const size_t size : sizes) {
    Record record(run, size);
    seal_in_place(*key, record);
    run.expect(key->open(record.text.writable(), record.nonce, aad), "a record opens");
    if (size > 0) run.stays_secret(record.text.reveal().first(size));
  }
}

/// Whether the tag matches is public, and no more; plaintext that is not authentic stays secret and is gone.
template <AeadId id>
void open_forgery(Run& run) {
  const auto key = key_of<id>(run);
  for (const size_t size : sizes) {
    Record record(run, size);
    seal_in_place(*key, record);
    record.text.writable().back() ^= 0x40;
    run.before_public("the outcome of a comparison");
    const uint8_t opened = key->open(record.text.writable(), record.nonce, aad);
    run.made_public({&opened, 1});
    run.expect(!opened, "a forged record is refused");
  }
}

template <AeadId id>
constexpr Operation aead[] = {{"seal", seal<id>},
                              {"seal_pieces", seal_pieces<id>},
                              {"open", open<id>},
                              {"open_forgery", open_forgery<id>}};

template <auto direction>
void blocks(Run& run) {
  for (const size_t key_size : {16u, 24u, 32u}) {
    const SecretBytes key = run.secret(key_size), in = run.secret(17 * crypto::aes::block_size);
    crypto::aes::Schedule schedule;
    aes().expand(schedule, key.reveal());
    run.derived(bytes_of(schedule));
    for (const size_t count : {1u, 3u, 8u, 17u}) {
      SecretBytes out(count * crypto::aes::block_size);
      (aes().*direction)(schedule, out.writable().data(), in.reveal().data(), count);
      run.conceals(out.reveal());
    }
  }
}

constexpr Operation of_aes[] = {{"encrypt", blocks<&crypto::aes::BlockCipher::encrypt>},
                                {"decrypt", blocks<&crypto::aes::BlockCipher::decrypt>}};

template <auto direction>
void cbc(Run& run) {
  for (const size_t key_size : {16u, 24u, 32u}) {
    const SecretBytes key = run.secret(key_size), iv = run.secret(16), text = run.secret(176);
    derive_aes(run, key.reveal());
    SecretBytes out = text.clone();
    (run.provider().key_files.*direction)(key.reveal(), iv.reveal(), out.writable());
    run.conceals(out.reveal());
  }
}

constexpr Operation of_cbc[] = {{"encrypt", cbc<&KeyFileCipher::cbc_encrypt>},
                                {"decrypt", cbc<&KeyFileCipher::cbc_decrypt>}};

}  // namespace

std::span<const Operation> aead_operations(AeadId id) noexcept {
  switch (id) {
    case AeadId::aes_128_gcm: return aead<AeadId::aes_128_gcm>;
    case AeadId::aes_256_gcm: return aead<AeadId::aes_256_gcm>;
    case AeadId::chacha20_poly1305: return aead<AeadId::chacha20_poly1305>;
  }
  return {};
}

std::span<const Operation> aes_operations() noexcept {
  return of_aes;
}
std::span<const Operation> cbc_operations() noexcept {
  return of_cbc;
}

}  // namespace bulla::constant_time
