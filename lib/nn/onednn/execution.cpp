#include "lib/nn/onednn/execution.hpp"

#include <cassert>
#include <utility>

namespace diffusion::nn::onednn {

Execution::Execution(dnnl::primitive primitive, std::vector<Argument> arguments)
    : primitive_(std::move(primitive)),
      arguments_(std::move(arguments)),
      idle_(std::make_unique<Idle>()) {}

std::unique_ptr<Execution::Objects> Execution::take() const {
  {
    const std::lock_guard lock(idle_->mutex);
    if (!idle_->objects.empty()) {
      auto objects = std::move(idle_->objects.back());
      idle_->objects.pop_back();
      return objects;
    }
  }
  auto objects = std::make_unique<Objects>();
  for (const auto& [name, desc] : arguments_) {
    objects->memories.emplace_back(desc, engine(), nullptr);
    objects->arguments.push_back({name, objects->memories.back().get()});
  }
  return objects;
}

void Execution::run(std::initializer_list<const void*> data) const {
  assert(data.size() == arguments_.size());
  auto objects = take();
  auto memory = objects->memories.begin();
  for (const void* each : data) memory++->set_data_handle(const_cast<void*>(each));
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream().get(), int(objects->arguments.size()),
                             objects->arguments.data()),
      "could not execute a primitive");
  const std::lock_guard lock(idle_->mutex);
  idle_->objects.push_back(std::move(objects));
}

}  // namespace diffusion::nn::onednn
