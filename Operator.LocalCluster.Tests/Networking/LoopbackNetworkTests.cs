using System.Net;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Networking;

namespace LlmKube.Operator.LocalCluster.Tests.Networking;

[Platform("Linux")]
public sealed class LoopbackNetworkTests
{
    private LoopbackNetwork _network = null!;

    [SetUp]
    public void Reserve() => _network = LoopbackNetwork.Reserve();

    [TearDown]
    public void Free() => _network.Dispose();

    [Test]
    public void Two_networks_share_no_block()
    {
        using var other = LoopbackNetwork.Reserve();
        Assert.That(other.Block, Is.Not.EqualTo(_network.Block));
        Assert.That(other.Services.Contains(IPAddress.Parse(_network.TakeServiceAddress())), Is.False);
    }

    [Test]
    public void A_block_is_free_again_once_its_network_has_gone()
    {
        // Others may reserve blocks at any time; the first free one is then another, but ours can be had.
        var block = _network.Block;
        _network.Dispose();
        var networks = new List<LoopbackNetwork>();
        try
        {
            do networks.Add(LoopbackNetwork.Reserve());
            while (networks[^1].Block < block);
            Assert.That(networks.Select(n => n.Block), Does.Contain(block));
        }
        finally
        {
            networks.ForEach(n => n.Dispose());
        }
    }

    [Test]
    public void All_blocks_taken_is_said()
    {
        var taken = new List<LoopbackNetwork>();
        try
        {
            var refused = Assert.Throws<IOException>(() =>
            {
                while (taken.Count <= LoopbackNetwork.LastBlock) taken.Add(LoopbackNetwork.Reserve());
            });
            Assert.That(refused!.Message, Does.StartWith("No block of loopback addresses is free: port 65535 is taken on each of 127.64.0.0 to 127.126.0.0"));
        }
        finally
        {
            taken.ForEach(n => n.Dispose());
        }
    }

    [Test]
    public void Pods_and_services_have_a_half_each()
    {
        Assert.That(_network.TakePodAddress(), Is.EqualTo($"127.{_network.Block}.0.1"));
        Assert.That(_network.TakeServiceAddress(), Is.EqualTo($"127.{_network.Block}.128.1"));
        Assert.That(_network.Services.ToString(), Is.EqualTo($"127.{_network.Block}.128.0/17"));
    }

    [Test]
    public void An_address_comes_again_only_after_all_others()
    {
        var first = _network.TakePodAddress();
        _network.ReturnPodAddress(first);
        var others = Enumerable.Range(0, 32_765).Select(_ => _network.TakePodAddress()).ToHashSet();
        Assert.That(others, Has.Count.EqualTo(32_765).And.Not.Contains(first));
        Assert.That(others, Does.Contain($"127.{_network.Block}.127.254"));
        Assert.That(_network.TakePodAddress(), Is.EqualTo(first));
        Assert.Throws<InvalidOperationException>(() => _network.TakePodAddress());
    }

    [TestCase("10.0.0.1")]
    [TestCase("not an address")]
    public void A_foreign_address_is_left_alone(string foreign)
    {
        var mine = _network.TakePodAddress();
        _network.ReturnPodAddress(foreign);
        Assert.That(_network.TakePodAddress(), Is.Not.EqualTo(mine));
    }

    [Test]
    public async Task Its_addresses_can_be_listened_on()
    {
        var address = IPAddress.Parse(_network.TakePodAddress());
        using var listener = new TcpListener(address, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        Assert.That(client.Connected);
    }
}
