// Any message in any pieces at any addresses, forked on the way: every kernel of every hash gives what
// libcrypto gives for the whole.
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"
#include "crypto/sha3/sha3.h"
#include "kernels.h"

#include <openssl/evp.h>

#include <cstring>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

constexpr size_t most_squeezed = 500;

/// The message in pieces, and how many of them the fork has seen.
struct Plan {
  std::vector<Bytes> pieces;
  size_t fork;
};

/// `size` bytes, where the function has no size of its own.
ByteVector libcrypto(const char* name, std::span<const Bytes> pieces, size_t size) {
  const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> md(EVP_MD_fetch(nullptr, name, nullptr), EVP_MD_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool ok = EVP_DigestInit_ex(context.get(), md.get(), nullptr) == 1;
  for (const Bytes piece : pieces)
    ok = ok && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  const bool extendable = (EVP_MD_get_flags(md.get()) & EVP_MD_FLAG_XOF) != 0;
  ByteVector out(extendable ? size : static_cast<size_t>(EVP_MD_get_size(md.get())));
  ok = ok && (extendable ? EVP_DigestFinalXOF(context.get(), out.data(), out.size())
                         : EVP_DigestFinal_ex(context.get(), out.data(), nullptr)) == 1;
  BULLA_ASSERT(ok, "libcrypto hashes");
  return out;
}

/// A state in memory of exactly the size that the algorithm names.
struct State {
  explicit State(const HashAlgorithm& hash) : memory(new uint8_t[hash.state_size]) {}
  std::unique_ptr<uint8_t[]> memory;
};

/// The digest of the whole, that of what the fork has seen, and again that of the whole, in one call from the
/// fork on.
ByteVector digests(const HashAlgorithm& hash, const Plan& plan) {
  State state(hash), fork(hash);
  hash.init(state.memory.get());
  for (size_t i = 0; i <= plan.pieces.size(); ++i) {
    if (i == plan.fork) std::memcpy(fork.memory.get(), state.memory.get(), hash.state_size);
    if (i == plan.pieces.size()) break;
    Room piece(plan.pieces[i], i * 7);
    hash.update(state.memory.get(), piece.bytes());
  }
  ByteVector out(3 * size_t{hash.digest_size});
  hash.digest_with(fork.memory.get(), std::span(plan.pieces).subspan(plan.fork),
                   out.data() + 2 * hash.digest_size);
  hash.finish(state.memory.get(), out.data());
  hash.finish(fork.memory.get(), out.data() + hash.digest_size);
  return out;
}

void check_hash(std::span<const crypto::Kernel<HashAlgorithm>> table, const char* name, const Plan& plan) {
  const ByteVector whole = libcrypto(name, plan.pieces, 0);
  ByteVector wanted = whole;
  const ByteVector before = libcrypto(name, std::span(plan.pieces).first(plan.fork), 0);
  wanted.insert(wanted.end(), before.begin(), before.end());
  wanted.insert(wanted.end(), whole.begin(), whole.end());
  const auto compute = [&](const HashAlgorithm& hash) { return digests(hash, plan); };
  BULLA_ASSERT(same_of_all(table, compute) == wanted, "a digest is libcrypto's");
}

/// As `digests`; the whole is squeezed in two parts.
ByteVector squeezed(const crypto::Keccak& keccak, crypto::SpongeKind kind, const Plan& plan, size_t size) {
  crypto::Sponge sponge(keccak, kind), fork = sponge;
  for (size_t i = 0; i <= plan.pieces.size(); ++i) {
    if (i == plan.fork) fork = sponge;
    if (i == plan.pieces.size()) break;
    Room piece(plan.pieces[i], i * 7);
    sponge.absorb(piece.bytes());
  }
  ByteVector out(2 * size);
  const size_t part = plan.fork * 37 % (size + 1);
  sponge.squeeze(MutBytes(out).first(part));
  sponge.squeeze(MutBytes(out).subspan(part, size - part));
  fork.squeeze(MutBytes(out).last(size));
  return out;
}

void check_sponge(crypto::SpongeKind kind, const char* name, const Plan& plan) {
  ByteVector wanted = libcrypto(name, plan.pieces, most_squeezed);
  const ByteVector before = libcrypto(name, std::span(plan.pieces).first(plan.fork), most_squeezed);
  const size_t size = wanted.size();
  wanted.insert(wanted.end(), before.begin(), before.end());
  const auto compute = [&](const crypto::Keccak& keccak) { return squeezed(keccak, kind, plan, size); };
  BULLA_ASSERT(same_of_all(crypto::keccak_kernels(), compute) == wanted, "a digest is libcrypto's");
}

/// Four short messages side by side.
void check_lanes(std::span<const Bytes> pieces) {
  using Lanes = crypto::ShakeLanes<4, crypto::shake128_kind>;
  ByteVector wanted;
  std::array<Bytes, 4> inputs;
  for (size_t i = 0; i < 4; ++i) {
    inputs[i] =
        i < pieces.size() ? pieces[i].first(std::min(pieces[i].size(), Lanes::block_size - 1)) : Bytes{};
    const ByteVector one = libcrypto("SHAKE128", {&inputs[i], 1}, 2 * Lanes::block_size);
    wanted.insert(wanted.end(), one.begin(), one.end());
  }
  const auto compute = [&](const crypto::Keccak& keccak) {
    Lanes lanes(keccak);
    for (size_t i = 0; i < 4; ++i) lanes.start(i, inputs[i]);
    ByteVector out(wanted.size());
    for (size_t block = 0; block < 2; ++block) {
      lanes.next();
      for (size_t i = 0; i < 4; ++i) lanes.block(i, out.data() + (2 * i + block) * Lanes::block_size);
    }
    return out;
  };
  BULLA_ASSERT(same_of_all(crypto::keccak_kernels(), compute) == wanted, "lanes are SHAKE128s");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t choice = input.u8(), fork = input.u8();
  const Bytes cuts = input.u8_bytes(), rest = input.rest();
  const ByteVector message = stretched(rest, rest.size() * (1 + choice / 16));
  Plan plan{.pieces = pieces_of(message, cuts), .fork = 0};
  plan.fork = fork % (plan.pieces.size() + 1);
  switch (choice % 9) {
    case 0: check_hash(crypto::sha1_kernels(), "SHA1", plan); break;
    case 1: check_hash(crypto::sha256_kernels(), "SHA2-256", plan); break;
    case 2: check_hash(crypto::sha384_kernels(), "SHA2-384", plan); break;
    case 3: check_hash(crypto::sha512_kernels(), "SHA2-512", plan); break;
    case 4: check_sponge(crypto::sha3_256_kind, "SHA3-256", plan); break;
    case 5: check_sponge(crypto::sha3_512_kind, "SHA3-512", plan); break;
    case 6: check_sponge(crypto::shake128_kind, "SHAKE128", plan); break;
    case 7: check_sponge(crypto::shake256_kind, "SHAKE256", plan); break;
    default: check_lanes(plan.pieces);
  }
  return 0;
}
