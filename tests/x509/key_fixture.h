// Key files of tests/x509/data.
#pragma once

#include <bulla/certificate.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace bulla::test {

/// That of the encrypted ones.
inline constexpr std::string_view key_passphrase = "correct-horse";

inline std::string key_fixture(const std::string& name) {
  std::ifstream in(BULLA_SOURCE_DIR "/tests/x509/data/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline Result<PrivateKeyMaterial> parse_key(const std::string& file, std::string_view passphrase = {}) {
  return parse_private_key(as_bytes(key_fixture(file)), passphrase);
}

/// `words` stand in what a person is shown.
template <class T>
void expect_error(const Result<T>& result, ErrorCode code, std::string_view words) {
  ASSERT_FALSE(result.ok()) << words;
  EXPECT_EQ(result.error().code, code) << result.error().explain();
  EXPECT_THAT(result.error().explain(), testing::HasSubstr(std::string(words)));
}

}  // namespace bulla::test
