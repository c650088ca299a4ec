// A primitive that is run again and again, from any thread.
#pragma once
#include <initializer_list>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/nn/onednn/engine.hpp"

namespace diffusion::nn::onednn {

/// The objects that oneDNN wants for the arguments are made once for each of the threads that
/// run it at the same time: with small images they cost more than the product.
class Execution {
 public:
  struct Argument {
    int name;  // DNNL_ARG_SRC and so on
    dnnl::memory::desc desc;
  };

  Execution(dnnl::primitive primitive, std::vector<Argument> arguments);

  /// `data`: of each argument in turn.
  void run(std::initializer_list<const void*> data) const;

 private:
  struct Objects {
    std::vector<dnnl::memory> memories;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  struct Idle {
    std::mutex mutex;
    std::vector<std::unique_ptr<Objects>> objects;
  };

  dnnl::primitive primitive_;
  std::vector<Argument> arguments_;
  std::unique_ptr<Idle> idle_;

  std::unique_ptr<Objects> take() const;
};

}  // namespace diffusion::nn::onednn
