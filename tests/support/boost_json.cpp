// Boost.JSON compiled into the tests, so that they need Boost's headers only.
#include <boost/json/src.hpp>
