// PEM: lenient around the blocks, strict inside.
#include "asn1/pem.h"

#include "asn1/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::asn1 {
namespace {

using testing::HasSubstr;

const std::string block = "-----BEGIN THING-----\nAQID\n-----END THING-----\n";

std::vector<std::string> contents(const std::string& text) {
  std::vector<std::string> out;
  const auto blocks = decode_pem(as_bytes(text));
  EXPECT_TRUE(blocks.ok()) << text << (blocks.ok() ? "" : blocks.error().message());
  if (blocks)
    for (const PemBlock& one : *blocks) out.push_back(one.label + ':' + to_hex(one.content.reveal()));
  return out;
}

void expect_malformed(const std::string& text, std::string_view words) {
  const auto blocks = decode_pem(as_bytes(text));
  ASSERT_FALSE(blocks.ok()) << text;
  EXPECT_EQ(blocks.error().code, ErrorCode::pem_malformed);
  EXPECT_THAT(blocks.error().detail, HasSubstr(std::string(words)));
}

TEST(PemTest, IsLenientAroundBlocks) {
  const std::vector<std::string> one = {"THING:010203"};
  EXPECT_EQ(contents(block), one);
  EXPECT_EQ(contents("\xef\xbb\xbf" + block), one);
  EXPECT_EQ(contents("some text\n\n" + block + "more text: -----\n"), one);
  EXPECT_EQ(contents("-----BEGIN THING-----\r\nAQID\r\n-----END THING-----"), one);
  EXPECT_EQ(contents("-----BEGIN THING-----\rAQID\r-----END THING-----\r"), one);
  EXPECT_EQ(contents("  -----BEGIN THING----- \n\n AQ ID \t\n\n-----END THING----- "), one);
  EXPECT_EQ(contents("-----BEGIN THING-----\nA\nQ\nI\nD\n-----END THING-----"), one);
  EXPECT_EQ(contents(""), std::vector<std::string>());
  EXPECT_EQ(contents("-----BEGIN THING\nAQID\n"), std::vector<std::string>());  // no BEGIN line at all
  EXPECT_EQ(contents(block + block).size(), 2u);
  EXPECT_EQ(contents("-----BEGIN -----\n-----END -----"), std::vector<std::string>{":"});
}

// RFC 1421 §4.4.
TEST(PemTest, KeepsHeadersApart) {
  const auto blocks =
      decode_pem(as_bytes("-----BEGIN THING-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,\n  "
                          "continued\n\nAQID\n-----END THING-----\n"));
  ASSERT_TRUE(blocks.ok());
  EXPECT_EQ(blocks->front().headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: X,\ncontinued\n");
  EXPECT_EQ(to_hex(blocks->front().content.reveal()), "010203");
}

// RFC 7468 §3; RFC 4648 §3.5 for the bits that carry nothing.
TEST(PemTest, IsStrictInside) {
  expect_malformed("-----BEGIN THING-----\nAQID\n", "line 1: a block is not closed");
  expect_malformed("x\n-----BEGIN THING-----\nAQID", "line 2");
  expect_malformed("-----BEGIN THING-----\nAQID\n-----END OTHER-----", "another label");
  expect_malformed("-----BEGIN THING-----\nAQID\n-----BEGIN THING-----\nAQID\n-----END THING-----",
                   "not closed");
  for (const char* bad :
       {"AQI", "A", "AQID=", "AQ==AQ==", "AQI*", "AQ=D", "AR==", "AQJ=", "====", "AQ=", "AQID\x80"})
    expect_malformed("-----BEGIN THING-----\n" + std::string(bad) + "\n-----END THING-----", "not base64");
}

TEST(PemTest, EncodesWhatItDecodes) {
  for (size_t n = 0; n < 200; ++n) {
    std::vector<uint8_t> bytes(n);
    for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<uint8_t>(i * 37 + n);
    const std::string pem = encode_pem("THING", bytes);
    EXPECT_EQ(contents(pem), std::vector<std::string>{"THING:" + to_hex(bytes)});
    EXPECT_EQ(as_text(encode_pem_secret("THING", bytes).reveal()), pem);
  }
  EXPECT_EQ(encode_pem("THING", std::vector<uint8_t>{1, 2, 3}), block);
}

// RFC 4648 §4, §10.
TEST(Base64Test, KnowsTheRfcsVectors) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& [plain, encoded] : vectors) {
    std::vector<uint8_t> out(16);
    const size_t n = base64_encode(as_bytes(plain), out);
    EXPECT_EQ(as_text(Bytes(out).first(n)), encoded);
    const std::string_view pieces[] = {encoded};
    const auto size = base64_decode(pieces, out);
    ASSERT_TRUE(size) << encoded;
    EXPECT_EQ(as_text(Bytes(out).first(*size)), plain);
  }
}

TEST(Base64Test, DoesNotWritePastItsRoom) {
  std::vector<uint8_t> out(3);
  const std::string_view pieces[] = {"AAAAAAAA"};
  EXPECT_FALSE(base64_decode(pieces, out));
}

}  // namespace
}  // namespace bulla::asn1
