// In the place of src/crypto/target.h while a kernel is recorded: its instructions are functions then
// (../immintrin.h).
#pragma once

#define BULLA_TARGET_BEGIN(extensions)
#define BULLA_TARGET_END
