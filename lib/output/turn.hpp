// Classes of samples.
#pragma once
#include <string>

namespace diffusion {

/// A class that samples take turns in: sample n of a run has the one in place n, counted
/// round and round.
struct Turn {
  int label;
  std::string name;
};

}  // namespace diffusion
