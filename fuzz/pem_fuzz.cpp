// PEM: what is read, written again, reads as the same.
#include "asn1/pem.h"
#include "base/assert.h"
#include "work_meter.h"

using namespace bulla;
using namespace bulla::asn1;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  const auto blocks = fuzz::within(fuzz::parser_budget, size, [&] { return decode_pem(input); });
  if (!blocks) {
    BULLA_ASSERT(blocks.error().code == ErrorCode::pem_malformed && !blocks.error().detail.empty(),
                 "a refusal names the line");
    return 0;
  }
  BULLA_ASSERT(blocks->empty() || looks_like_pem(input), "what has blocks looks like PEM");
  for (const PemBlock& block : *blocks) {
    BULLA_ASSERT(block.content.size() <= size, "decoding adds nothing");
    const std::string text = encode_pem(block.label, block.content.reveal());
    const auto again = decode_pem(as_bytes(text));
    BULLA_ASSERT(again.ok() && again->size() == 1 && again->front().label == block.label &&
                     again->front().headers.empty() &&
                     equal_vartime(again->front().content.reveal(), block.content.reveal()),
                 "what we write we read");
  }
  return 0;
}
