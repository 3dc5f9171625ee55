// The peer that Roomtone is measured against: a microphone published by a Go program, with pion/mediadevices for the microphone and
// Opus, and pion/webrtc into livekit-server by WHIP. It is wired as well as Roomtone is: 20 ms frames, one channel, the same bitrate,
// RTCP left to pion's own interceptors, no waiting for candidates of networks that are not there.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/mediadevices"
	"github.com/pion/mediadevices/pkg/codec/opus"
	_ "github.com/pion/mediadevices/pkg/driver/microphone"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/webrtc/v4"
)

const (
	sampleRateHz = 48_000
	bitrateBps   = 32_000 // that of Roomtone's profile "voice"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "go peer:", err)
		os.Exit(1)
	}
}

func run() error {
	url, token := os.Getenv("BENCH_URL"), os.Getenv("BENCH_TOKEN")
	if url == "" || token == "" {
		return errors.New("BENCH_URL and BENCH_TOKEN are not set")
	}
	leave := make(chan os.Signal, 1)
	signal.Notify(leave, os.Interrupt, syscall.SIGTERM)

	encoder, err := opus.NewParams()
	if err != nil {
		return err
	}
	encoder.BitRate = bitrateBps
	selector := mediadevices.NewCodecSelector(mediadevices.WithAudioEncoders(&encoder))
	stream, err := mediadevices.GetUserMedia(mediadevices.MediaStreamConstraints{
		Audio: func(constraints *mediadevices.MediaTrackConstraints) {
			constraints.SampleRate = prop.Int(sampleRateHz)
			constraints.ChannelCount = prop.Int(1)
			constraints.SampleSize = prop.Int(2)
			constraints.IsFloat = prop.BoolExact(false)
		},
		Codec: selector,
	})
	if err != nil {
		return fmt.Errorf("the microphone: %w", err)
	}
	microphone := stream.GetAudioTracks()[0]
	defer microphone.Close()

	peer, err := newPeer(selector)
	if err != nil {
		return err
	}
	defer peer.Close()
	if _, err := peer.AddTransceiverFromTrack(microphone, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionSendonly,
	}); err != nil {
		return err
	}
	failed := make(chan error, 1)
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			failed <- errors.New("the connection failed")
		}
	})
	session, err := negotiate(peer, url, token)
	if err != nil {
		return err
	}
	select {
	case <-leave:
		return end(session, token)
	case err := <-failed:
		return err
	}
}

func newPeer(selector *mediadevices.CodecSelector) (*webrtc.PeerConnection, error) {
	media := &webrtc.MediaEngine{}
	selector.Populate(media)
	registry := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, registry); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	return api.NewPeerConnection(webrtc.Configuration{})
}

// negotiate publishes with one offer that has every candidate in it, and returns the address of the session.
func negotiate(peer *webrtc.PeerConnection, url, token string) (string, error) {
	offer, err := peer.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(peer)
	if err := peer.SetLocalDescription(offer); err != nil {
		return "", err
	}
	<-gathered
	response, err := send(http.MethodPost, url+"/whip/v1", token, []byte(peer.LocalDescription().SDP))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("the server answered %d", response.StatusCode)
	}
	location, err := response.Location()
	if err != nil {
		return "", err
	}
	return location.String(), peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)})
}

// end leaves the room, so that nobody waits for us there.
func end(session, token string) error {
	response, err := send(http.MethodDelete, session, token, nil)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func send(method, url, token string, body []byte) (*http.Response, error) {
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/sdp")
	return http.DefaultClient.Do(request)
}
