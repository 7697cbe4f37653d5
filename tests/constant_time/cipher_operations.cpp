// Records: the AEADs, with secret keys, nonces and texts. And AES alone, and as key files use it.
#include "constant_time/derived.h"
#include "constant_time/run.h"
#include "crypto/aes/aes.h"

#include <cstring>

namespace bulla::constant_time {
namespace {

/// Lengths that take every path: nothing, parts of a block, one to more blocks than any kernel does at once.
constexpr size_t sizes[] = {0, 1, 16, 31, 64, 130, 257, 1100, 2300, 4500};
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

/// A key, and a record of each size. What is derived from them is told before any of them is sealed, since
/// telling it overwrites the stack.
template <AeadId id>
struct Material {
  explicit Material(Run& run, std::span<const size_t> of_sizes = sizes) {
    const AeadAlgorithm& aead = *run.provider().aead(id);
    const SecretBytes bytes = run.secret(aead.key_size);
    if (id != AeadId::chacha20_poly1305) derive_aes(run, bytes.reveal());
    for (const size_t size : of_sizes) {
      records.push_back(std::make_unique<Record>(run, size));
      if (id == AeadId::chacha20_poly1305) tell_chacha20(run, bytes.reveal(), records.back()->nonce, size);
    }
    key = aead.make_key(bytes.reveal());
  }

  std::unique_ptr<AeadKey> key;
  std::vector<std::unique_ptr<Record>> records;
};

template <AeadId id>
void seal(Run& run) {
  const Material<id> with(run);
  for (const auto& record : with.records) {
    seal_in_place(*with.key, *record);
    run.conceals(record->text.reveal());
  }
}

/// The text in three pieces, as a record with padding has it (RFC 9846 §5.2).
template <AeadId id>
void seal_pieces(Run& run) {
  constexpr size_t size = 500;
  const Material<id> with(run, {&size, 1});
  SecretBytes out(size + aead_tag_size);
  const Record& record = *with.records[0];
  const Bytes text = record.text.reveal();
  const Bytes pieces[] = {text.first(301), text.subspan(301, 1), text.subspan(302, 198)};
  with.key->seal(out.writable(), record.nonce, aad, pieces);
  run.conceals(out.reveal());
}

template <AeadId id>
void open(Run& run) {
  const Material<id> with(run);
  for (const auto& record : with.records) {
    seal_in_place(*with.key, *record);
    run.expect(with.key->open(record->text.writable(), record->nonce, aad), "a record opens");
    const size_t size = record->text.size() - aead_tag_size;
    if (size > 0) run.stays_secret(record->text.reveal().first(size));
  }
}

/// Whether the tag matches is public, and no more; plaintext that is not authentic stays secret and is gone.
template <AeadId id>
void open_forgery(Run& run) {
  const Material<id> with(run);
  for (const auto& record : with.records) {
    seal_in_place(*with.key, *record);
    record->text.writable().back() ^= 0x40;
    run.before_public("the outcome of a comparison");
    const uint8_t opened = with.key->open(record->text.writable(), record->nonce, aad);
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
