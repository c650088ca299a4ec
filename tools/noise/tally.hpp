// What went well in a run of diff-noise, and what did not.
#pragma once
#include <string>
#include <vector>

#include "tools/cli/tool.hpp"

namespace diffusion {

class NoiseTally {
 public:
  /// `total` 0: not known.
  NoiseTally(const cli::Tool& tool, std::size_t total)
      : tool_(tool), progress_(tool.progress(), "noising", total, "images") {}

  void done(std::size_t versions);
  void skipped();
  void failed(const std::string& why);
  bool nothing_done() const { return !failures_.empty() && failures_.size() == images(); }

  /// Says how many failed; with --json, prints the summary.
  cli::ExitCode finish();

 private:
  std::size_t images() const { return done_ + skipped_ + failures_.size(); }
  void print_summary() const;

  const cli::Tool& tool_;
  Progress progress_;
  std::size_t done_ = 0, skipped_ = 0, versions_ = 0;
  std::vector<std::string> failures_ = {};
};

}  // namespace diffusion
