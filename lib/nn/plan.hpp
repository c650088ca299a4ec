// How the processor walks a graph: which layer comes when, what is written over what, when a
// buffer is done with, and which derivatives anybody asks for.
#pragma once
#include <cstddef>
#include <vector>

#include "lib/nn/graph.hpp"

namespace diffusion::nn {

struct Step {
  enum class Form {
    plain,        // makes a new tensor
    over_first,   // its first input's buffer becomes its result
    over_second,  // its second input's does
    onto_first,   // a convolution that adds its result to its first input's buffer
  };

  const Layer* layer;               // of the graph, which outlives the plan
  std::size_t value;                // what it makes
  std::vector<std::size_t> inputs;  // values; of a convolution onto another: that, and its own
  Form form = Form::plain;
  std::vector<std::size_t> done = {};  // values that no later step takes
  bool learns = false;                 // has weights in it, or before it
  bool sees_images = false;            // its result depends on the images
  std::size_t part = 0;                // of those that may be computed anew, see nn/cuts.hpp
  bool outlives = false;               // a later part takes its result
  bool spares = false;                 // what it would write over is an earlier part's
};

/// Steps in the order of the graph's layers. Sums are done in place where a summand serves for
/// nothing else, by the convolution that makes the other summand where there is one.
std::vector<Step> plan(const Graph& graph);

}  // namespace diffusion::nn
