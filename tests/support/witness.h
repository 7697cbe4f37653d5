// A second opinion: libcrypto's provider, where the build has it (BULLA_OPENSSL=ON, as all presets of tests).
#pragma once

#include <bulla/provider.h>

#include <gtest/gtest.h>

namespace bulla::test {

/// nullptr in a build without libcrypto.
const Provider* witness();

}  // namespace bulla::test

/// Skips the test, and says why, where there is no witness.
#define BULLA_NEED_WITNESS() \
  if (!::bulla::test::witness()) GTEST_SKIP() << "no libcrypto in this build: BULLA_OPENSSL=OFF"
