#include "tools/noise/tally.hpp"

#include <iostream>

#include "lib/base/json.hpp"

namespace diffusion {

void NoiseTally::done(std::size_t versions) {
  ++done_;
  versions_ += versions;
  progress_.update(images());
}

void NoiseTally::skipped() {
  ++skipped_;
  progress_.update(images());
}

void NoiseTally::failed(const std::string& why) {
  failures_.push_back(tool_.worded(why));
  progress_.finish();
  tool_.complain(why);
}

cli::ExitCode NoiseTally::finish() {
  progress_.finish();
  if (tool_.common().json) print_summary();
  if (failures_.empty()) return cli::done;
  tool_.say(std::to_string(failures_.size()) + " of " + std::to_string(images()) +
            " images failed");
  return nothing_done() ? cli::failed : cli::partial;
}

void NoiseTally::print_summary() const {
  Json json;
  json["images"] = images();
  json["noised"] = done_;
  json["written"] = versions_;
  json["skipped"] = skipped_;
  json["failed"] = failures_.size();
  json["failures"] = failures_;
  json["seed"] = tool_.common().seed;
  std::cout << one_line(json) << '\n';
}

}  // namespace diffusion
