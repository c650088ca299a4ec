// All threads work on a sequence and hand its results on in order; memory holds one
// window of it.
#pragma once
#include <exception>
#include <functional>
#include <optional>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"

namespace diffusion {

/// A result, or why there is none.
template <class Result>
struct Outcome {
  std::optional<Result> result;
  std::string failure;
};

/// Takes up to `window` items from `next`, calls work(item) for each on all threads,
/// then deliver(item, outcome) in order; until `next` gives none. An Error of `work`
/// becomes that outcome's failure; an OutputError ends everything.
template <class Item, class Work, class Deliver>
void in_windows(const std::function<std::optional<Item>()>& next, std::size_t window,
                const Work& work, const Deliver& deliver) {
  using Result = std::invoke_result_t<Work, const Item&>;
  for (;;) {
    stop_if_interrupted();
    std::vector<Item> items;
    while (items.size() < window) {
      auto item = next();
      if (!item) break;
      items.push_back(*std::move(item));
    }
    if (items.empty()) return;
    std::vector<Outcome<Result>> outcomes(items.size());
    parallel_for(items.size(), [&](std::size_t i) {
      if (interrupted()) return;
      try {
        outcomes[i].result = work(items[i]);
      } catch (const OutputError&) {
        throw;
      } catch (const Error& e) {
        outcomes[i].failure = e.what();
      }
    });
    stop_if_interrupted();
    for (std::size_t i = 0; i < items.size(); ++i) deliver(items[i], std::move(outcomes[i]));
  }
}

}  // namespace diffusion
