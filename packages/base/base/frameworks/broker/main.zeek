module Broker;
