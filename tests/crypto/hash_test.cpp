#include "crypto/one_shot.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

struct Known {
  HashId id;
  const char* abc;
  const char* empty;
};

// FIPS 180-4 examples.
constexpr Known known[] = {
    {HashId::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {HashId::sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HashId::sha384,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"},
    {HashId::sha512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d442"
     "3643ce8"
     "0e2a9ac94fa54ca49f",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931b"
     "d47417a"
     "81a538327af927da3e"},
};

TEST(Hash, known_digests) {
  for (const Known& k : known) {
    const HashAlgorithm& hash = need_hash(k.id);
    EXPECT_EQ(to_hex(digest(hash, as_bytes("abc"))), k.abc) << hash.name;
    EXPECT_EQ(to_hex(digest(hash, {})), k.empty) << hash.name;
  }
}

TEST(Hash, sizes_fit_the_seam) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    EXPECT_LE(hash->state_size, HashContext::max_state_size) << hash->name;
    EXPECT_LE(hash->digest_size, max_digest_size) << hash->name;
    EXPECT_LE(hash->block_size, max_hash_block_size) << hash->name;
  }
}

TEST(Hash, pieces_and_unaligned_pieces_give_the_same_digest) {
  ByteVector message(1000);
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<uint8_t>(i * 7);
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    const ByteVector whole = digest(*hash, message);
    for (const size_t step : {1u, 3u, 63u, 64u, 65u, 127u, 128u, 129u}) {
      HashContext context(*hash);
      for (size_t at = 0; at < message.size(); at += step)
        context.update(Bytes(message).subspan(at, std::min<size_t>(step, message.size() - at)));
      ByteVector out(hash->digest_size);
      context.finish(out);
      EXPECT_EQ(out, whole) << hash->name << " in steps of " << step;
    }
  }
}

TEST(Hash, a_copied_context_goes_its_own_way) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    HashContext trunk(*hash);
    trunk.update(as_bytes("ab"));
    HashContext fork = trunk;
    trunk.update(as_bytes("c"));
    fork.update(as_bytes("d"));
    ByteVector out(hash->digest_size);
    fork.finish(out);
    EXPECT_EQ(out, digest(*hash, as_bytes("abd")));
    trunk.finish(out);
    EXPECT_EQ(out, digest(*hash, as_bytes("abc")));
    trunk.finish(out);
    EXPECT_EQ(out, digest(*hash, {})) << "finish starts afresh";
  }
}

/// What is hashed in one call goes through no buffer of update(); where an algorithm has no such call, the
/// context does it by copy, update and finish.
TEST(Hash, in_one_call_as_in_pieces_for_every_length) {
  ByteVector message(4096 + 1);
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<uint8_t>(i * i + 3 * i);
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    HashContext pieces(*hash);
    for (size_t size = 0; size < message.size(); ++size) {
      ByteVector whole(hash->digest_size), running(hash->digest_size);
      const Bytes parts[] = {Bytes(message).first(size)};
      HashContext(*hash).digest_with(parts, whole);
      pieces.digest_with({}, running);
      ASSERT_EQ(whole, running) << hash->name << ' ' << size;
      pieces.update(Bytes(message).subspan(size, 1));
    }
  }
}

TEST(Hash, in_one_call_from_any_state_by_any_parts) {
  ByteVector message(800);
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<uint8_t>(i * 11);
  constexpr size_t edges[] = {0,   1,   31,  55,  56,  63,  64,  65,  111, 112, 119,
                              120, 127, 128, 129, 239, 240, 255, 256, 257, 300};
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    HashAlgorithm without = *hash;
    without.digest_with = nullptr;
    for (const size_t before : edges)
      for (const size_t first : edges)
        for (const size_t second : {size_t{0}, size_t{9}, size_t{64}, size_t{128}, size_t{143}}) {
          const Bytes all = Bytes(message).first(before + first + second);
          const Bytes parts[] = {all.subspan(before, first), {}, all.subspan(before + first)};
          HashContext context(*hash), slow(without);
          context.update(all.first(before));
          slow.update(all.first(before));
          ByteVector out(hash->digest_size), expected(hash->digest_size);
          context.digest_with(parts, out);
          slow.digest_with(parts, expected);
          ASSERT_EQ(out, expected) << hash->name << ' ' << before << ' ' << first << ' ' << second;
          ASSERT_EQ(out, digest(*hash, all));
          context.finish(out);
          ASSERT_EQ(out, digest(*hash, all.first(before))) << "the context goes on as if nothing had been";
        }
  }
}

void nist_messages(HashId id, const std::string& set) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Msg")) continue;
    ByteVector message = block.bytes("Msg");
    if (block.text("Len") == "0") message.clear();
    EXPECT_EQ(digest(need_hash(id), message), block.bytes("MD")) << set << " Len = " << block.text("Len");
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

/// SHAVS §6.4: 100 checkpoints of 1,000 digests, each over the three before it.
void nist_monte_carlo(HashId id, const std::string& set) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  ByteVector seed;
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("Seed")) seed = block.bytes("Seed");
    if (!block.has("COUNT")) continue;
    ByteVector a = seed, b = seed, c = seed;
    for (int i = 0; i < 1000; ++i) {
      ByteVector message = a;
      message.insert(message.end(), b.begin(), b.end());
      message.insert(message.end(), c.begin(), c.end());
      a = std::move(b);
      b = std::move(c);
      c = digest(need_hash(id), message);
    }
    seed = c;
    ASSERT_EQ(seed, block.bytes("MD")) << set << " COUNT = " << block.text("COUNT");
    ++cases;
  }
  EXPECT_EQ(cases, 100u);
  report_cases(set, cases);
}

TEST(HashVectors, sha1_short) {
  nist_messages(HashId::sha1, "nist/sha/SHA1ShortMsg.rsp");
}
TEST(HashVectors, sha1_long) {
  nist_messages(HashId::sha1, "nist/sha/SHA1LongMsg.rsp");
}
TEST(HashVectors, sha1_monte) {
  nist_monte_carlo(HashId::sha1, "nist/sha/SHA1Monte.rsp");
}
TEST(HashVectors, sha256_short) {
  nist_messages(HashId::sha256, "nist/sha/SHA256ShortMsg.rsp");
}
TEST(HashVectors, sha256_long) {
  nist_messages(HashId::sha256, "nist/sha/SHA256LongMsg.rsp");
}
TEST(HashVectors, sha256_monte) {
  nist_monte_carlo(HashId::sha256, "nist/sha/SHA256Monte.rsp");
}
TEST(HashVectors, sha384_short) {
  nist_messages(HashId::sha384, "nist/sha/SHA384ShortMsg.rsp");
}
TEST(HashVectors, sha384_long) {
  nist_messages(HashId::sha384, "nist/sha/SHA384LongMsg.rsp");
}
TEST(HashVectors, sha384_monte) {
  nist_monte_carlo(HashId::sha384, "nist/sha/SHA384Monte.rsp");
}
TEST(HashVectors, sha512_short) {
  nist_messages(HashId::sha512, "nist/sha/SHA512ShortMsg.rsp");
}
TEST(HashVectors, sha512_long) {
  nist_messages(HashId::sha512, "nist/sha/SHA512LongMsg.rsp");
}
TEST(HashVectors, sha512_monte) {
  nist_monte_carlo(HashId::sha512, "nist/sha/SHA512Monte.rsp");
}

TEST(HashDeathTest, no_room_for_the_digest) {
  ByteVector out(47);
  HashContext context(need_hash(HashId::sha384));
  EXPECT_DEATH(context.finish(out), "no room for the digest");
  EXPECT_DEATH(context.digest_with({}, out), "no room for the digest");
}

}  // namespace
}  // namespace bulla::test
