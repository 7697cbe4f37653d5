// SHA-3, over every kernel of Keccak.
#include "crypto/sha3/sha3.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// Runs once for each kernel that this machine has.
class Sha3 : public testing::TestWithParam<Kernel<Keccak>> {
 protected:
  void SetUp() override {
    if (!GetParam().runs_on(cpu_word())) GTEST_SKIP() << "this machine cannot run " << GetParam().name;
  }
  const Keccak& keccak() const { return *GetParam().algorithm; }
  ByteVector digest(SpongeKind kind, Bytes message, size_t size) const {
    Sponge sponge(keccak(), kind);
    sponge.absorb(message);
    ByteVector out(size);
    sponge.squeeze(out);
    return out;
  }
  void messages(SpongeKind kind, const std::string& set, const char* answer) const;
  void sha3_monte(SpongeKind kind, size_t size, const std::string& set) const;
  void shake_monte(SpongeKind kind, const std::string& set) const;
};

INSTANTIATE_TEST_SUITE_P(Kernels, Sha3, testing::ValuesIn(keccak_kernels().begin(), keccak_kernels().end()),
                         [](const auto& info) { return std::string(info.param.name); });

constexpr SpongeKind kinds[] = {sha3_256_kind, sha3_512_kind, shake128_kind, shake256_kind};

ByteVector numbered(size_t size) {
  ByteVector out(size);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(i * 13 + 1);
  return out;
}

const std::string a3_200_times(200, '\xa3');

struct Known {
  SpongeKind kind;
  std::string message;
  std::string out;
};
// NIST's example values for FIPS 202: no bits and 1600 bits; and "abc".
const Known known[] = {
    {sha3_256_kind, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
    {sha3_256_kind, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {sha3_256_kind, a3_200_times, "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787"},
    {sha3_512_kind, "",
     "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558"
     "f500199d95b6d3e301758586281dcd26"},
    {sha3_512_kind, "abc",
     "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340"
     "57340b4cf408d5a56592f8274eec53f0"},
    {sha3_512_kind, a3_200_times,
     "e76dfad22084a8b1467fcf2ffa58361bec7628edf5f3fdc0e4805dc48caeeca81b7c13c30adf52a3659584739a2df46b"
     "e589c51ca1a4a8416df6545a1ce8ba00"},
    {shake128_kind, "",
     "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef263cb1eea988004b93103cfb0aeefd2a68"
     "6e01fa4a58e8a3639ca8a1e3f9ae57e2"},
    {shake128_kind, "abc",
     "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc844c50af32acd3f2cdd066568706f509b"
     "c1bdde58295dae3f891a9a0fca578378"},
    {shake128_kind, a3_200_times,
     "131ab8d2b594946b9c81333f9bb6e0ce75c3b93104fa3469d3917457385da037cf232ef7164a6d1eb448c8908186ad85"
     "2d3f85a5cf28da1ab6fe343817197846"},
    {shake256_kind, "",
     "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6"
     "fc821c49479ab48640292eacb3b7c4be"},
    {shake256_kind, "abc",
     "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa"
     "9f8726e462a12a4feb06bd8801e751e4"},
    {shake256_kind, a3_200_times,
     "cd8a920ed141aa0407a22d59288652e9d9f1a7ee0c1e7c1ca699424da84a904d2d700caae7396ece96604440577da4f3"
     "aa22aeb8857f961c4cd8e06f0ae6610b"},
};

TEST_P(Sha3, fips202_known_answers) {
  for (const Known& k : known)
    EXPECT_EQ(to_hex(digest(k.kind, as_bytes(k.message), k.out.size() / 2)), k.out) << k.message.size();
}

/// The first lanes of Keccak-f[1600] of zeros, and of that again (the Keccak team's
/// KeccakF-1600-IntermediateValues).
TEST_P(Sha3, permutation_of_zeros) {
  KeccakState state{};
  keccak().permute(&state, 1);
  EXPECT_EQ(state[0], 0xf1258f7940e1dde7u);
  EXPECT_EQ(state[1], 0x84d5ccf933c0478au);
  EXPECT_EQ(state[24], 0xeaf1ff7b5ceca249u);
  keccak().permute(&state, 1);
  EXPECT_EQ(state[0], 0x2d5c954df96ecb3cu);
  EXPECT_EQ(state[1], 0x6a332cd07057b56du);
}

TEST_P(Sha3, states_side_by_side_do_not_meet) {
  std::mt19937_64 random(202);
  for (size_t count = 0; count <= 20; ++count) {
    std::vector<KeccakState> states(count + 1), wanted;
    for (KeccakState& state : states)
      for (uint64_t& lane : state) lane = random();
    wanted = states;
    for (size_t i = 0; i < count; ++i) keccak_kernels().back().algorithm->permute(&wanted[i], 1);
    keccak().permute(states.data(), count);
    EXPECT_EQ(states, wanted) << count << " states, and one behind them that stays";
  }
}

TEST_P(Sha3, pieces_give_what_the_whole_gives) {
  const ByteVector message = numbered(700);
  for (const SpongeKind kind : kinds) {
    const ByteVector whole = digest(kind, message, 500);
    for (const size_t step : {1u, 3u, 7u, 8u, 9u, 71u, 72u, 73u, 135u, 136u, 137u, 167u, 168u, 169u}) {
      Sponge sponge(keccak(), kind);
      for (size_t at = 0; at < message.size(); at += step)
        sponge.absorb(Bytes(message).subspan(at, std::min(step, message.size() - at)));
      sponge.absorb({});
      ByteVector out(500);
      for (size_t at = 0; at < out.size(); at += step)
        sponge.squeeze(MutBytes(out).subspan(at, std::min(step, out.size() - at)));
      sponge.squeeze({});
      ASSERT_EQ(out, whole) << "rate " << int{kind.rate} << " in steps of " << step;
    }
  }
}

TEST_P(Sha3, a_fork_goes_its_own_way) {
  Shake trunk = Shake::shake128(keccak());
  trunk.absorb(as_bytes("ab"));
  Shake fork = trunk;
  trunk.absorb(as_bytes("c"));
  fork.absorb(as_bytes("d"));
  ByteVector a(40), b(40);
  trunk.squeeze(a);
  fork.squeeze(b);
  EXPECT_EQ(a, digest(shake128_kind, as_bytes("abc"), 40));
  EXPECT_EQ(b, digest(shake128_kind, as_bytes("abd"), 40));
}

TEST_P(Sha3, one_shots_join_their_pieces) {
  const ByteVector message = numbered(300);
  const Bytes a = Bytes(message).first(5), b = Bytes(message).subspan(5, 200),
              c = Bytes(message).subspan(205);
  ByteVector out(32);
  sha3_256(keccak(), {a, {}, b, c}, out.data());
  EXPECT_EQ(out, digest(sha3_256_kind, message, 32));
  out.resize(64);
  sha3_512(keccak(), {a, b, {}, c}, out.data());
  EXPECT_EQ(out, digest(sha3_512_kind, message, 64));
}

TEST_P(Sha3, lanes_give_what_single_ones_give) {
  ShakeLanes<5, shake128_kind> lanes(keccak());
  for (size_t size = 0; size < 168; ++size) {
    const ByteVector input = numbered(size + 5);
    for (size_t i = 0; i < 5; ++i) lanes.start(i, Bytes(input).subspan(i, size));
    for (size_t block = 0; block < 3; ++block) {
      lanes.next(block == 2 ? 2 : 5);
      for (size_t i = 0; i < (block == 2 ? 2u : 5u); ++i) {
        ByteVector out(168);
        lanes.block(i, out.data());
        const ByteVector whole = digest(shake128_kind, Bytes(input).subspan(i, size), 3 * 168);
        ASSERT_TRUE(std::equal(out.begin(), out.end(), whole.begin() + static_cast<ptrdiff_t>(168 * block)))
            << size << ' ' << block << ' ' << i;
      }
    }
  }
}

using Sha3DeathTest = Sha3;
INSTANTIATE_TEST_SUITE_P(Kernels, Sha3DeathTest,
                         testing::ValuesIn(keccak_kernels().begin(), keccak_kernels().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(Sha3DeathTest, misuse_ends_the_process) {
  Shake shake = Shake::shake256(keccak());
  ByteVector out(1);
  shake.squeeze(out);
  EXPECT_DEATH(shake.absorb(out), "after it was squeezed");
  ShakeLanes<1, shake256_kind> lanes(keccak());
  EXPECT_DEATH(lanes.start(0, ByteVector(136)), "shorter than a block");
}

// ------------------------------------------------------------------------------------ sets outside the tree

void Sha3::messages(SpongeKind kind, const std::string& set, const char* answer) const {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Msg")) continue;
    ByteVector message = block.bytes("Msg");
    if (block.text("Len") == "0") message.clear();
    const ByteVector wanted = block.bytes(answer);
    ASSERT_FALSE(wanted.empty());
    EXPECT_EQ(digest(kind, message, wanted.size()), wanted) << set << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST_P(Sha3, nist_messages) {
  for (const char* file : {"ShortMsg", "LongMsg"}) {
    const std::string rest = std::string(file) + ".rsp";
    messages(sha3_256_kind, "nist/sha/SHA3_256" + rest, "MD");
    messages(sha3_512_kind, "nist/sha/SHA3_512" + rest, "MD");
    messages(shake128_kind, "nist/sha/SHAKE128" + rest, "Output");
    messages(shake256_kind, "nist/sha/SHAKE256" + rest, "Output");
  }
}

TEST_P(Sha3, nist_variable_out) {
  messages(shake128_kind, "nist/sha/SHAKE128VariableOut.rsp", "Output");
  messages(shake256_kind, "nist/sha/SHAKE256VariableOut.rsp", "Output");
}

/// SHA3VS §6.2.3: 100 checkpoints of 1,000 digests, each of the one before.
void Sha3::sha3_monte(SpongeKind kind, size_t size, const std::string& set) const {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  ByteVector md;
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("Seed")) md = block.bytes("Seed");
    if (!block.has("COUNT")) continue;
    for (int i = 0; i < 1000; ++i) md = digest(kind, md, size);
    ASSERT_EQ(md, block.bytes("MD")) << set << " COUNT = " << block.text("COUNT");
    ++cases;
  }
  EXPECT_EQ(cases, 100u);
  report_cases(set, cases);
}

/// SHA3VS §6.3.3: the same over the first 16 bytes of the output before, whose last two say how long the next
/// is.
void Sha3::shake_monte(SpongeKind kind, const std::string& set) const {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  const auto number = [](std::string_view digits) { return std::stoul(std::string(digits)); };
  ByteVector output;
  size_t cases = 0, smallest = 0, largest = 0, size = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("Msg")) {
      output = block.bytes("Msg");
      smallest = (number(block.setting("Minimum Output Length (bits)")) + 7) / 8;
      largest = size = number(block.setting("Maximum Output Length (bits)")) / 8;
    }
    if (!block.has("COUNT")) continue;
    size_t used = 0;
    for (int i = 0; i < 1000; ++i) {
      output.resize(16);
      used = size;
      output = digest(kind, output, size);
      const size_t last = size_t{output[output.size() - 2]} << 8 | output.back();
      size = smallest + last % (largest - smallest + 1);
    }
    ASSERT_EQ(number(block.text("Outputlen")), 8 * used) << set;
    ASSERT_EQ(output, block.bytes("Output")) << set << " COUNT = " << block.text("COUNT");
    ++cases;
  }
  EXPECT_EQ(cases, 100u);
  report_cases(set, cases);
}

TEST_P(Sha3, nist_monte_carlo) {
  sha3_monte(sha3_256_kind, 32, "nist/sha/SHA3_256Monte.rsp");
  sha3_monte(sha3_512_kind, 64, "nist/sha/SHA3_512Monte.rsp");
  shake_monte(shake128_kind, "nist/sha/SHAKE128Monte.rsp");
  shake_monte(shake256_kind, "nist/sha/SHAKE256Monte.rsp");
}

TEST_P(Sha3, boringssl_keccak) {
  const std::string set = "nist/boringssl-text/keccak_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  constexpr const char* names[] = {"SHA3-256", "SHA3-512", "SHAKE-128", "SHAKE-256"};
  for (const Block& block : parse_blocks(*text)) {
    for (size_t i = 0; i < std::size(kinds); ++i) {
      const ByteVector wanted = block.bytes(names[i]);
      ASSERT_FALSE(wanted.empty());
      EXPECT_EQ(digest(kinds[i], block.bytes("Input"), wanted.size()), wanted) << names[i];
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

/// `Count`: the input so often; `Ncopy` only says how OpenSSL feeds it.
TEST_P(Sha3, openssl_evp) {
  const std::string set = "nist/openssl-evp/evpmd_sha.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  const std::pair<const char*, SpongeKind> names[] = {{"SHA3-256", sha3_256_kind},
                                                      {"Sha3-256", sha3_256_kind},
                                                      {"SHA3-512", sha3_512_kind},
                                                      {"SHAKE128", shake128_kind},
                                                      {"SHAKE256", shake256_kind}};
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    for (const auto& [name, kind] : names) {
      if (block.text("Digest") != name) continue;
      const size_t count = block.has("Count") ? std::stoul(std::string(block.text("Count"))) : 1;
      ByteVector message;
      for (size_t i = 0; i < count; ++i)
        for (const uint8_t byte : block.bytes("Input")) message.push_back(byte);
      const ByteVector wanted = block.bytes("Output");
      EXPECT_EQ(digest(kind, message, wanted.size()), wanted) << name;
      ++cases;
    }
  }
  EXPECT_EQ(cases, 21u);
  report_cases(set + " (SHA3-256, SHA3-512, SHAKE)", cases);
}

/// Of the two lengths in the set, the million of bytes: 2^30 take minutes where a sanitizer watches.
TEST_P(Sha3, botan_repeated_messages) {
  const std::string set = "nist/botan-text/hash_rep.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, too_long = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.section != "SHA-3(256)" && block.section != "SHA-3(512)") continue;
    const size_t total = std::stoul(std::string(block.text("TotalLength")));
    if (total > 1'000'000) {
      ++too_long;
      continue;
    }
    const bool short_digest = block.section == "SHA-3(256)";
    Sponge sponge(keccak(), short_digest ? sha3_256_kind : sha3_512_kind);
    const ByteVector input = block.bytes("Input");
    ASSERT_EQ(total % input.size(), 0u);
    for (size_t at = 0; at < total; at += input.size()) sponge.absorb(input);
    ByteVector out(short_digest ? 32 : 64);
    sponge.squeeze(out);
    EXPECT_EQ(out, block.bytes("Digest"));
    ++cases;
  }
  EXPECT_EQ(cases, 2u);
  report_cases(set + " (SHA-3)", cases);
  report_cases(set + " (SHA-3, messages of 2^30 bytes, not run)", too_long);
}

}  // namespace
}  // namespace bulla::test
