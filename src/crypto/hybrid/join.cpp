#include "crypto/hybrid/join.h"

#include "crypto/little_endian.h"

namespace bulla::crypto::hybrid {
namespace {

constexpr size_t prefix_size = 4;

std::vector<uint8_t> joined(Bytes a, Bytes b) {
  std::vector<uint8_t> out = to_vector(a);
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

void copy(Bytes from, MutBytes to) noexcept {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

SecretBytes joined(const SecretBytes& a, const SecretBytes& b) {
  SecretBytes out(a.size() + b.size());
  copy(a.reveal(), out.writable());
  copy(b.reveal(), out.writable().subspan(a.size()));
  return out;
}

struct Split {
  Bytes first, second;
};

/// Both empty, which every group refuses, unless the size is the sum of the two.
Split split(Bytes share, size_t first, size_t second) noexcept {
  if (share.size() != first + second) return {};
  return {share.first(first), share.subspan(first)};
}

SecretBytes joined_key(const SecretBytes& a, const SecretBytes& b) {
  SecretBytes out(prefix_size + a.size() + b.size());
  const MutBytes bytes = out.writable();
  store_little_endian(static_cast<uint32_t>(a.size()), bytes.data());
  copy(a.reveal(), bytes.subspan(prefix_size));
  copy(b.reveal(), bytes.subspan(prefix_size + a.size()));
  return out;
}

/// Both empty if the key does not hold two.
Split split_key(const SecretBytes* key) noexcept {
  if (!key || key->size() < prefix_size) return {};
  const Bytes bytes = key->reveal().subspan(prefix_size);
  const size_t first = load_little_endian<uint32_t>(key->reveal().data());
  if (first > bytes.size()) return {};
  return {bytes.first(first), bytes.subspan(first)};
}

}  // namespace

void generate(const Halves& halves, Random& random, std::span<GenerateJob> jobs) noexcept {
  std::vector<GenerateJob> first(jobs.size()), second(jobs.size());
  halves.first->generate(random, first);
  halves.second->generate(random, second);
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].ok = first[i].ok && second[i].ok;
    jobs[i].share = jobs[i].ok ? joined(first[i].share, second[i].share) : std::vector<uint8_t>();
    jobs[i].private_key =
        jobs[i].ok ? joined_key(first[i].private_key, second[i].private_key) : SecretBytes();
  }
}

void encapsulate(const Halves& halves, Random& random, std::span<EncapsulateJob> jobs) noexcept {
  std::vector<EncapsulateJob> first(jobs.size()), second(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    const Split share = split(jobs[i].peer_share, halves.first->share_size, halves.second->share_size);
    first[i].peer_share = share.first;
    second[i].peer_share = share.second;
  }
  halves.first->encapsulate(random, first);
  halves.second->encapsulate(random, second);
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].ok = first[i].ok && second[i].ok;
    jobs[i].share = jobs[i].ok ? joined(first[i].share, second[i].share) : std::vector<uint8_t>();
    jobs[i].secret = jobs[i].ok ? joined(first[i].secret, second[i].secret) : SecretBytes();
  }
}

void decapsulate(const Halves& halves, std::span<DecapsulateJob> jobs) noexcept {
  std::vector<DecapsulateJob> first(jobs.size()), second(jobs.size());
  std::vector<SecretBytes> keys;
  keys.reserve(2 * jobs.size());  // jobs point to them
  for (size_t i = 0; i < jobs.size(); ++i) {
    const Split share = split(jobs[i].peer_share, halves.first->reply_size, halves.second->reply_size);
    const Split key = split_key(jobs[i].private_key);
    first[i] = {.private_key = &keys.emplace_back(key.first), .peer_share = share.first};
    second[i] = {.private_key = &keys.emplace_back(key.second), .peer_share = share.second};
  }
  halves.first->decapsulate(first);
  halves.second->decapsulate(second);
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].ok = first[i].ok && second[i].ok;
    jobs[i].secret = jobs[i].ok ? joined(first[i].secret, second[i].secret) : SecretBytes();
  }
}

}  // namespace bulla::crypto::hybrid
