// SHA-1 and SHA-2 against the sets that OpenSSL and Botan keep. SHA-3 of them: sha3_test.cpp.
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <cstdlib>

namespace bulla::test {
namespace {

ByteVector finished(HashContext& context) {
  ByteVector out(context.algorithm().digest_size);
  context.finish(out);
  return out;
}

size_t count_of(std::string_view number) {
  return std::stoul(std::string(number));
}

/// OpenSSL's notation: each Input may be joined Ncopy times, and that be taken in Count times.
void take_inputs(HashContext& context, const Block& block) {
  const auto& lines = block.values;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].first != "Input") continue;
    size_t copies = 1, times = 1;
    for (size_t k = i + 1; k < lines.size() && (lines[k].first == "Ncopy" || lines[k].first == "Count"); ++k)
      (lines[k].first == "Ncopy" ? copies : times) = count_of(lines[k].second);
    const Block line{.section = {}, .settings = {}, .values = {lines[i]}};
    const ByteVector once = line.bytes("Input");
    ByteVector piece;
    for (size_t copy = 0; copy < copies; ++copy) piece.insert(piece.end(), once.begin(), once.end());
    for (size_t time = 0; time < times; ++time) context.update(piece);
  }
}

TEST(HashVectors, openssl_evp) {
  const std::string set = "nist/openssl-evp/evpmd_sha.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Digest")) continue;
    const HashAlgorithm* hash = hash_named(block.text("Digest"));
    if (!hash) {
      ++others;
      continue;
    }
    HashContext context(*hash);
    take_inputs(context, block);
    EXPECT_EQ(finished(context), block.bytes("Output")) << set << " case " << cases;
    ++cases;
  }
  EXPECT_EQ(cases, 13u);
  report_cases(set + " (SHA-1, SHA-2)", cases);
  report_cases(set + " (SHA-224, SHA-512/t, SHA-3)", others);
}

TEST(HashVectors, botan_repeated_messages) {
  const std::string set = "nist/botan-text/hash_rep.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, too_long = 0;
  for (const Block& block : parse_blocks(*text)) {
    const HashAlgorithm* hash = hash_named(block.section);
    if (!hash) continue;
    const size_t total = count_of(block.text("TotalLength"));
    if (total > 1'000'000 && !std::getenv("BULLA_FULL")) {
      ++too_long;
      continue;
    }
    const ByteVector input = block.bytes("Input");
    ASSERT_EQ(total % input.size(), 0u);
    HashContext context(*hash);
    for (size_t at = 0; at < total; at += input.size()) context.update(input);
    EXPECT_EQ(finished(context), block.bytes("Digest")) << hash->name << ' ' << total;
    ++cases;
  }
  EXPECT_EQ(cases + too_long, 8u);
  report_cases(set + " (SHA-1, SHA-2)", cases);
  if (too_long) report_cases(set + " (messages of 2^30 bytes, which ./test --full takes)", too_long);
}

/// The last of NIST's 100 checkpoints alone: SHAVS §6.4, 1,000 digests each.
TEST(HashVectors, botan_monte_carlo) {
  const std::string set = "nist/botan-text/hash_mc.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Seed")) continue;
    const HashAlgorithm* hash = hash_named(block.section);
    if (!hash) {
      ++others;
      continue;
    }
    ByteVector seed = block.bytes("Seed");
    for (size_t checkpoint = 0; checkpoint <= count_of(block.text("Count")); ++checkpoint) {
      std::array<ByteVector, 3> last{seed, seed, seed};
      for (int i = 0; i < 1000; ++i) {
        HashContext context(*hash);
        for (const ByteVector& each : last) context.update(each);
        std::rotate(last.begin(), last.begin() + 1, last.end());
        last[2] = finished(context);
      }
      seed = last[2];
    }
    EXPECT_EQ(seed, block.bytes("Output")) << hash->name;
    ++cases;
  }
  EXPECT_EQ(cases, 4u);
  report_cases(set, cases);
  report_cases(set + " (SHA-224, SHA-512/t)", others);
}

}  // namespace
}  // namespace bulla::test
